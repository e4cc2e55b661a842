import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parquetReadObjects } from 'hyparquet';
import { datasetVersionRef, FeatureRoutes } from '../../../lambdas/data/contract.ts';
import { datasetRef } from '../../../lambdas/data/versions.ts';
import { verifySubject, walk } from '../../../lambdas/lineage/graph.ts';
import { weatherCsv } from '../../builders/dataset.ts';
import { runCli } from '../cli-process.ts';
import { dataCloud } from './data-cloud.ts';

const cloud = dataCloud();
const SET = 'weather-daily';
const FILE = 'examples/weather/features.yaml';
const folder = mkdtempSync(join(tmpdir(), 'millrace-feature-test-'));
const cli = (...words: string[]) =>
  runCli({ endpoint: cloud.endpoint, token: cloud.token, workspace: cloud.workspace }, ...words);
const get = async (location: string) => (await cli('feature', 'get', SET, '--entity', `location=${location}`)).output;
const upload = async (location: string, from: string, to: string) =>
  expect(await cloud.ingested(weatherCsv({ location, from, to }))).toMatchObject({ status: 'succeeded' });

/** Waits until the online table is of the dataset's latest version and the newest definition. */
async function materialised(number: number, revision = 1) {
  for (;;) {
    const view = await cloud.api.call(FeatureRoutes.showFeatures, { set: SET });
    if (view.failure) throw new Error(`${view.failure.error}: ${view.failure.reason}`);
    if (view.materialised?.number === number && view.materialised.revision === revision) return view;
    await sleep(200);
  }
}

/** By hand from the file: of a place, the days before a day. */
function dailyFacts(location: string, day: string) {
  const [header = '', ...lines] = weatherCsv({ location, to: '2015-12-31' }).trimEnd().split('\n');
  const names = header.split(',');
  const rows = lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i] as string, value])));
  const before = (days: number) => {
    const from = new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10);
    return rows.filter(({ date = '' }) => date >= from && date < day);
  };
  const week = before(7).map((row) => Number(row['temp_max']));
  const month = before(30);
  const last = before(1)[0];
  return {
    temp_max_7d: week.reduce((sum, each) => sum + each, 0) / week.length,
    rainy_days_30d: month.filter((row) => Number(row['precipitation']) > 0).length,
    temp_range: Number(last?.['temp_max']) - Number(last?.['temp_min']),
    weather_now: last?.['weather'],
  };
}
const close = (facts: ReturnType<typeof dailyFacts>) => ({
  ...facts,
  temp_max_7d: expect.closeTo(facts.temp_max_7d, 9),
  temp_range: expect.closeTo(facts.temp_range, 9),
});

beforeAll(() => cloud.createDataset());

describe('a feature set', () => {
  test('is materialised when it has a definition and its dataset a version, and gives what the rows say', async () => {
    const applied = await cli('feature', 'apply', FILE);
    expect(applied).toMatchObject({ code: 0, output: { set: SET, revision: 1, latest: 0, staleHours: 0 } });
    await upload('Seattle', '2012-01-01', '2014-03-31');
    expect(await materialised(1)).toMatchObject({ latest: 1, materialised: { entities: 1 } });
    expect(await get('Seattle')).toMatchObject({
      entity: { location: 'Seattle' },
      values: close(dailyFacts('Seattle', '2014-04-01')),
      asOf: '2014-04-01T00:00:00.000000Z',
      number: 1,
    });
    expect(await get('New York')).toEqual({ entity: { location: 'New York' } });
  });

  test('is brought up to a new version for those that have news, and for nobody else', async () => {
    await upload('New York', '2012-01-01', '2012-02-29');
    expect(await materialised(2)).toMatchObject({ materialised: { entities: 1 } });
    expect(await get('New York')).toMatchObject({ values: close(dailyFacts('New York', '2012-03-01')), number: 2 });
    expect(await get('Seattle')).toMatchObject({ number: 1, asOf: '2014-04-01T00:00:00.000000Z' });
    await upload('Seattle', '2014-04-01', '2015-02-10');
    await materialised(3);
    expect(await get('Seattle')).toMatchObject({ values: close(dailyFacts('Seattle', '2015-02-11')), number: 3 });
    expect(await get('New York')).toMatchObject({ number: 2 });
  });

  test('is joined to a spine as of each of its rows, from training rows alone', async () => {
    const spine = join(folder, 'spine.csv');
    const out = join(folder, 'joined.parquet');
    const days = ['2013-07-04', '2014-12-31', '2015-02-01'];
    writeFileSync(spine, `label,location,date\n${days.map((day, i) => `${i},Seattle,${day}`).join('\n')}\n`);
    const ended = await cli('feature', 'join', SET, '--spine', spine, '--out', out);
    expect(ended).toMatchObject({ code: 0, output: { rows: 3, number: 3 } });
    const rows = await parquetReadObjects({ file: new Uint8Array(readFileSync(out)).buffer });
    const names = ['temp_max_7d', 'temp_range', 'weather_now'] as const;
    const shown = rows.map((row) => ({ ...row, rainy_days_30d: Number(row['rainy_days_30d']) }));
    expect(shown.slice(0, 2)).toMatchObject(days.slice(0, 2).map((day) => close(dailyFacts('Seattle', day))));
    expect(rows.map((row) => [row['label'], row['location'], row['date']])).toEqual(
      days.map((day, i) => [String(i), 'Seattle', day]),
    );
    // Rows from 2015 on are held out: a day in 2015 has nothing of them, neither in its windows nor as its latest row.
    const [held] = shown.slice(2);
    expect(held).toMatchObject({ temp_max_7d: null, weather_now: null });
    expect(held).toMatchObject({ temp_range: expect.closeTo(dailyFacts('Seattle', '2015-01-01').temp_range, 9) });
    expect(names).toHaveLength(3);
  });

  test('gives the training rows themselves where no spine is named', async () => {
    const out = join(folder, 'own.csv');
    expect(await cli('feature', 'join', SET, '--out', out)).toMatchObject({ code: 0, output: { rows: 1096 + 60 } });
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('location,date,rain_share_30d,rainy_days_30d,temp_max_7d,temp_range,weather_now');
    expect(lines[1]).toBe('New York,2012-01-01,,0,,,');
    expect(lines.at(-1)).toMatch(/^Seattle,2014-12-31,/);
  });

  test('refuses a spine that is none, by row and column', async () => {
    const spine = join(folder, 'bad.csv');
    writeFileSync(spine, 'location,date\nSeattle,2014-01-01\nSeattle,01.02.2014\n');
    const ended = await cli('feature', 'join', SET, '--spine', spine, '--out', join(folder, 'none.csv'));
    expect(ended).toMatchObject({ code: 2, output: { error: { name: 'SpineInvalid' } } });
    expect(JSON.stringify(ended.output)).toContain('row 2: date: got \\"01.02.2014\\", expected a day');
  });

  test('with another definition is made anew for all', async () => {
    const changed = join(folder, 'changed.yaml');
    writeFileSync(changed, readFileSync(FILE, 'utf8').replace('window: 7d', 'window: 14d'));
    expect(await cli('feature', 'apply', changed)).toMatchObject({ code: 0, output: { revision: 2 } });
    const { materialised: made, definition } = await materialised(3, 2);
    expect(made).toMatchObject({ entities: 2, definition });
    expect(await get('New York')).toMatchObject({ definition, number: 3 });
  });

  test('refuses a definition that is not SQL of its columns, by feature and rule', async () => {
    const wrong = join(folder, 'wrong.yaml');
    writeFileSync(wrong, readFileSync(FILE, 'utf8').replace('sql: weather,', 'sql: "read_text(weather)",'));
    const { code, output } = await cli('feature', 'apply', wrong);
    expect(code).toBe(2);
    expect(JSON.stringify(output)).toMatch(/features\.weather_now\.sql: got .*read_text.*function read_text/);
  });

  test('has a lineage to the versions that it was made of, in a ledger that holds', async () => {
    const [latest] = await cloud.versions();
    const version = datasetVersionRef(cloud.workspace, cloud.dataset, latest!.version);
    const { nodes } = await walk(cloud.catalogue, version, { direction: 'downstream' });
    expect(nodes.filter(({ ref }) => ref.startsWith('materialisation:')).length).toBeGreaterThanOrEqual(2);
    expect(await verifySubject(cloud.catalogue, datasetRef(cloud.workspace, cloud.dataset))).toMatchObject({
      intact: true,
    });
  });
});
