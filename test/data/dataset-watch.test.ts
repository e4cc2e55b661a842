import { beforeEach, describe, expect, test } from '@jest/globals';
import { createDataset } from '../../lambdas/data/dataset.ts';
import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { checkDatasets } from '../../lambdas/data/dataset-watch.ts';
import { ingestObject } from '../../lambdas/data/ingest.ts';
import { watchIngestion } from '../../lambdas/data/watch-ingestion.ts';
import { eventOf } from '../../lambdas/lineage/outbox.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import { aSpec } from '../builders/dataset.ts';
import { lineRefinery } from '../fakes/line-refinery.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';

let table: ReturnType<typeof memoryTable>;
let now: Date;
let figures: Record<string, number>[];
let zones: { raw: ReturnType<typeof memoryObjects>; curated: ReturnType<typeof memoryObjects> };
beforeEach(() => {
  table = memoryTable();
  zones = { raw: memoryObjects('raw'), curated: memoryObjects('curated') };
  now = new Date('2026-01-01T00:00:00Z');
  figures = [];
});

const clock = () => now;
const hoursPass = (hours: number) => {
  now = new Date(now.getTime() + hours * 3_600_000);
};
const create = (given: Partial<DatasetSpec> = {}, workspace = 'default') => {
  const spec = aSpec({ expect: { everyHours: 24 }, ...given });
  const at = now.toISOString();
  return createDataset(table, { workspace, dataset: spec.dataset, text: JSON.stringify(spec), actor: 't', at });
};
async function land(content: string, workspace = 'default') {
  const key = `${workspace}/things/2026-01-05/${newId()}/a.csv`;
  await zones.raw.put(key, content);
  return ingestObject(
    { table, ...zones, refinery: lineRefinery(zones), partBytes: 1024 ** 3, prove: async () => true, clock },
    { key, bytes: content.length },
  );
}
const check = () => checkDatasets({ table, clock, publish: async (each) => void figures.push({ ...each }) });
const events = () =>
  table.items().flatMap((item) => {
    const event = eventOf(item);
    return event?.type === 'DatasetStale' ? [event] : [];
  });

describe('a dataset that is expected to have news', () => {
  test('is stale when none came in time, also before its first version', async () => {
    await create();
    hoursPass(24);
    expect(await check()).toEqual({ watched: 1, stale: [] });
    hoursPass(1);
    expect(await check()).toEqual({ watched: 1, stale: ['default/things'] });
    expect(figures).toEqual([{ DatasetsStale: 1, 'DatasetsStale/default/things': 1 }]);
  });

  test('is told of once each time, and counted at every check', async () => {
    await create();
    hoursPass(30);
    for (let i = 0; i < 3; i++) await check();
    expect(events()).toMatchObject([
      { workspace: 'default', detail: { dataset: 'things', since: '2026-01-01T00:00:00.000Z', everyHours: 24 } },
    ]);
    expect(figures).toHaveLength(3);
    await land('1\n');
    expect(await check()).toMatchObject({ stale: [] });
    hoursPass(30);
    await check();
    expect(events()).toHaveLength(2);
  });

  test('is not stale with a new version, and is with a file that had nothing new or was refused', async () => {
    await create();
    await land('1\n');
    hoursPass(23);
    await land('1\n');
    await land('%\n');
    hoursPass(2);
    expect(await check()).toMatchObject({ stale: ['default/things'] });
    await land('2\n');
    expect(await check()).toMatchObject({ stale: [] });
  });

  test('is judged by what its spec says now', async () => {
    await create();
    await land('1\n');
    hoursPass(30);
    await create({ expect: { everyHours: 48 } });
    expect(await check()).toMatchObject({ stale: [] });
    hoursPass(20);
    expect(await check()).toMatchObject({ stale: ['default/things'] });
    await create({ expect: undefined });
    expect(await check()).toEqual({ watched: 1, stale: [] });
    await land('2\n');
    hoursPass(100);
    expect(await check()).toEqual({ watched: 1, stale: [] });
    await create({ expect: { everyHours: 24 } });
    expect(await check()).toEqual({ watched: 1, stale: ['default/things'] });
  });

  test('is one of its workspace', async () => {
    await create();
    await create({}, 'blue');
    hoursPass(20);
    await land('1\n', 'blue');
    hoursPass(10);
    expect(await check()).toEqual({ watched: 2, stale: ['default/things'] });
  });
});

describe('an ingestion', () => {
  const news = () =>
    table.items().flatMap((item) => {
      const event = eventOf(item);
      return event ? [{ type: event.type, message: { workspace: event.workspace, ...event.detail } }] : [];
    });
  const watch = async () => {
    for (const { message } of news())
      await watchIngestion({ table, publish: async (each) => void figures.push({ ...each }) }, message as never);
  };

  test('that is refused is an event, with the name of its error and nothing of the file', async () => {
    await create();
    await land('%secret\n');
    const refused = news().filter(({ type }) => type === 'IngestionRefused');
    expect(refused).toMatchObject([{ message: { workspace: 'default', dataset: 'things', error: 'CsvUnparsable' } }]);
    expect(JSON.stringify(refused)).not.toContain('secret');
  });

  test.each([
    ['HeaderMismatch', 1],
    ['ColumnTypeMismatch', 1],
    ['CsvUnparsable', 0],
    ['RowsAllBroken', 0],
  ])('refused by %s is a change of shape: %i', async (error, count) => {
    const deps = { table, publish: async (each: Readonly<Record<string, number>>) => void figures.push({ ...each }) };
    await watchIngestion(deps, { workspace: 'blue', dataset: 'things', error });
    expect(figures).toEqual(count ? [{ DatasetsRefusing: 1, 'DatasetsRefusing/blue/things': 1 }] : []);
  });

  test.each([
    [['1\n2\n', '3\n'], 50, 0],
    [['1\n2\n', '3\n4\n'], 50, 1],
    [['1\n', '2\n3\n4\n'], undefined, 0],
    [['1\n2\n3\n'], 1, 0],
  ])('of %j with %j percent allowed is unusual: %i', async (contents, rowsWithinPercent, count) => {
    await create({ expect: rowsWithinPercent === undefined ? undefined : { rowsWithinPercent } });
    for (const content of contents) await land(content);
    await watch();
    expect(figures).toEqual(count ? [{ DatasetVolumeUnusual: 1, 'DatasetVolumeUnusual/default/things': 1 }] : []);
  });

  test('of a version that is not there is an error, so that its event comes again', async () => {
    const deps = { table, publish: async () => {} };
    const missing = watchIngestion(deps, {
      workspace: 'default',
      dataset: 'things',
      version: `sha256:${'0'.repeat(64)}`,
    });
    await expect(missing).rejects.toMatchObject({ name: 'DatasetVersionMissing' });
  });
});

test('nothing is published where nothing is stale', async () => {
  await create({ expect: undefined });
  hoursPass(10_000);
  expect(await check()).toEqual({ watched: 0, stale: [] });
  expect(figures).toEqual([]);
});

test('a check that could not publish is made again, and tells nothing twice', async () => {
  await create();
  hoursPass(30);
  const failing = checkDatasets({ table, clock, publish: () => Promise.reject(new Error('no')) });
  await expect(failing).rejects.toThrow('no');
  await check();
  expect(events()).toHaveLength(1);
});

test.each([0, -1, 0.5, 100_000, '1d'])('an expectation of every %j hours is refused', async (everyHours) => {
  const refused = create({ expect: { everyHours: everyHours as number } });
  await expect(refused).rejects.toMatchObject({
    name: 'DatasetSpecInvalid',
    message: expect.stringContaining('expect.everyHours'),
  });
});
