import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { ApiClient } from '../../bin/client/api-client.ts';
import { dataRuleVerbs } from '../../bin/commands/data-rules.ts';
import { DataRoutes } from '../../lambdas/data/contract.ts';
import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { parseDatasetSpec } from '../../lambdas/data/spec-text.ts';
import { weatherCsv, weatherSpec, weatherSpecText } from '../builders/dataset.ts';
import { refined } from '../builders/refined.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-infer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Output {
  proposals: object[];
  text?: string;
  diff: string;
}
const verb = dataRuleVerbs.find(({ name }) => name === 'data infer');
/** Answers by route, as the platform would. */
const answering = (answers: Map<unknown, unknown>) =>
  ({ call: async (route: unknown) => answers.get(route) }) as unknown as ApiClient;
const nobody = answering(new Map());
const infer = (input: object, client: ApiClient = nobody) =>
  verb?.run(
    {
      client: async () => client,
      progress: () => undefined,
      stage: 's',
      workspace: 'w',
      signal: new AbortController().signal,
    },
    input as never,
  ) as Promise<Output>;
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('a first spec of a file', () => {
  test('takes every row of the real weather file, and splits it by time', async () => {
    const { text = '' } = await infer({ file: file('weather.csv', weatherCsv()), owner: 'me' });
    const spec = parseDatasetSpec(text);
    expect(spec.columns['location']).toEqual({ type: 'string', role: 'group' });
    expect(spec.columns['date']).toEqual({ type: 'date', role: 'timestamp' });
    const { rows, counts } = await refined(weatherCsv(), spec);
    expect([rows, counts]).toEqual([{ given: 2922, broken: 0, repeated: 0, fresh: 2922, replaced: 0 }, []]);
  });

  test('keeps leading zeros, finds the key, and points at what reads personal', async () => {
    const rows = Array.from(
      { length: 60 },
      (_, i) => `v${i};${String(i * 37).padStart(5, '0')};${i % 2 === 0};x${i % 7}@y.z`,
    );
    const csv = file('Visits 2.csv', `visit_id;plz;late;email\n${rows.join('\n')}\n`);
    const { text = '' } = await infer({ file: csv, owner: 'me' });
    const spec = parseDatasetSpec(text);
    expect(spec).toMatchObject({
      dataset: 'visits-2',
      format: { delimiter: ';' },
      split: { by: 'visit_id', testPercent: 20 },
    });
    expect(spec.columns).toMatchObject({
      visit_id: { type: 'string', role: 'key' },
      plz: { type: 'string', pattern: '[0-9]{5}' },
      late: { type: 'boolean' },
    });
    expect(text).toMatch(/something personal[^\n]*\n {2}email:/);
  });

  test.each([
    ['a file that is not there', 'none.csv', undefined, /it cannot be read/],
    ['a file without rows', 'empty.csv', 'a,b\n', /it has no rows/],
    ['a file that nothing can split', 'flat.csv', 'a,b\n1,1\n1,2\n', /none of its columns is a day/],
    ['a file that is not what its name says', 'x.parquet', 'a,b\n1,2\n', /it is no parquet file/],
  ])('is refused for %s', async (_what, name, text, message) => {
    const path = text === undefined ? join(folder, name) : file(name, text);
    await expect(infer({ file: path, owner: 'me' })).rejects.toThrow(message);
  });

  test('never takes the place of a file that is there', async () => {
    const mine = file('mine.yaml', '# mine\n');
    await expect(infer({ file: file('w.csv', weatherCsv()), write: mine })).rejects.toThrow(/mine\.yaml/);
    expect(readFileSync(mine, 'utf8')).toBe('# mine\n');
  });
});

describe('rules proposed for a dataset', () => {
  const bareText = weatherSpecText().replace(/, min: [-\d]+, max: \d+/g, '');
  const platform = async (spec: DatasetSpec) => {
    const { columns } = await refined(weatherCsv(), spec);
    const version = {
      dataset: 'weather',
      number: 1,
      version: 'sha256:x',
      rows: 2922,
      registeredAt: '2026-01-01T00:00:00Z',
    };
    return answering(
      new Map<unknown, unknown>([
        [DataRoutes.showDataset, { dataset: 'weather', spec }],
        [DataRoutes.showVersion, version],
        [DataRoutes.listVersions, { versions: [version] }],
        [DataRoutes.showProfile, { columns, rows: 2922 }],
      ]),
    );
  };

  test('are a diff of the own file, which gets them when it is told to, and then there are no more', async () => {
    const yaml = file('weather.yaml', bareText);
    const client = await platform(weatherSpec());
    const { proposals, diff } = await infer({ version: 'weather@latest', spec: yaml }, client);
    expect(proposals.length).toBe(8);
    expect(diff.split('\n').filter((line) => /^\+[^+]/.test(line)).length).toBe(4);
    expect(readFileSync(yaml, 'utf8')).toBe(bareText);
    await infer({ version: 'weather@latest', write: yaml }, client);
    expect(readFileSync(yaml, 'utf8')).toContain('# Years before 2015 teach, 2015 judges.');
    expect(parseDatasetSpec(readFileSync(yaml, 'utf8')).columns['wind']).toMatchObject({ min: 0, max: 18 });
    expect(await infer({ version: 'weather@latest', spec: yaml }, client)).toMatchObject({ proposals: [], diff: '' });
  });

  test('are a diff of the stored spec where no file is named', async () => {
    const { diff } = await infer({ version: 'weather@latest' }, await platform(parseDatasetSpec(bareText)));
    expect(diff).toMatch(/^--- a\/weather\.yaml\n/);
    expect(diff).toContain('+    max: 18\n');
  });

  test.each([
    ['a dataset without a version', { version: 'weather' }],
    ['both a version and a file', { version: 'weather@latest', file: 'x.csv' }],
    ['nothing', {}],
  ])('need one of both: %s is refused', async (_what, input) => {
    await expect(infer(input)).rejects.toThrow(/expected <dataset>@<version>/);
  });
});
