import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { weatherCsv } from '../../builders/dataset.ts';
import { dataCloud } from './data-cloud.ts';

const ROOT = join(import.meta.dirname, '../../..');
const cloud = dataCloud();
const folder = mkdtempSync(join(tmpdir(), 'millrace-test-commands-'));

/** The command line as people start it, in the test's own workspace. */
function millrace(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: cloud.endpoint,
    MILLRACE_TOKEN: cloud.token,
    MILLRACE_WORKSPACE: cloud.workspace,
    MILLRACE_CACHE: join(folder, 'cache'),
  };
  return new Promise((resolve) =>
    execFile(process.execPath, [join(ROOT, 'bin/millrace.ts'), ...words], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  );
}

beforeAll(async () => {
  for (const [file, location] of [
    ['seattle.csv', 'Seattle'],
    ['new-york.csv', 'New York'],
  ] as const)
    writeFileSync(join(folder, file), weatherCsv({ location, from: '2014-12-01', to: '2015-01-31' }));
  await millrace('data', 'create', 'weather', '--spec', join(ROOT, 'examples/weather/weather.yaml'));
}, 60_000);

describe('the command line', () => {
  test('puts several files, and says of each what became of it', async () => {
    const files = ['seattle.csv', 'new-york.csv'].map((file) => join(folder, file));
    const { code, stdout } = await millrace('data', 'put', 'weather', ...files);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^seattle\.csv: 62 rows new in weather version \d .*\nnew-york\.csv: 62 rows new in weather version \d/,
      ),
    ]);
  }, 60_000);

  test('says which of several files were not taken, and takes the others', async () => {
    writeFileSync(join(folder, 'wrong.csv'), 'a,b\n1,2\n');
    writeFileSync(join(folder, 'more.csv'), weatherCsv({ location: 'Seattle', from: '2014-11-01', to: '2014-11-30' }));
    const files = ['wrong.csv', 'more.csv'].map((file) => join(folder, file));
    const { code, stderr } = await millrace('data', 'put', 'weather', ...files);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/HeaderMismatch: .*\(1 files were taken\)/)]);
  }, 60_000);

  test('answers a query as a table, as JSON and as CSV', async () => {
    const sql = 'select location, count(*) as days from weather group by all order by 1';
    expect((await millrace('data', 'query', sql)).stdout).toMatch(
      /location\s+days[\s\S]*New York\s+31\nSeattle\s+61\n/,
    );
    expect(JSON.parse((await millrace('data', 'query', sql, '--json')).stdout)).toMatchObject({
      columns: [{ name: 'location' }, { name: 'days' }],
      rows: [
        ['New York', 31],
        ['Seattle', 61],
      ],
      truncated: false,
    });
    const csv = await millrace('data', 'query', sql, '--csv', '--limit', '1');
    expect(csv).toMatchObject({ code: 0, stdout: 'location,days\nNew York,31\n' });
    expect(csv.stderr).toContain('more than 1 rows');
  }, 60_000);

  test('refuses by name what it cannot ask', async () => {
    expect(await millrace('data', 'query', 'from snow')).toMatchObject({ code: 4 });
    expect(await millrace('data', 'query', 'drop table weather')).toMatchObject({ code: 2 });
  }, 60_000);

  test('gets the files to learn from, and finds the dataset', async () => {
    const place = join(folder, 'got');
    const { code } = await millrace('data', 'get', 'weather@1', place);
    expect([code, readdirSync(place), readdirSync(join(place, 'train')).length]).toEqual([0, ['train'], 1]);
    const found = await millrace('data', 'search', 'wind', '--json');
    expect(JSON.parse(found.stdout)).toMatchObject({ datasets: [{ dataset: 'weather' }], more: false });
  }, 60_000);
});
