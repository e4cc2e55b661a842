import { describe, expect, test } from '@jest/globals';
import { type Announce, announcer } from '../../lambdas/tracking/change-log.ts';
import type { LoggedModel } from '../../lambdas/tracking/logged-model.ts';
import { listedAt, modelChanges, modelListPartition, putNewModel } from '../../lambdas/tracking/logged-model-store.ts';
import { modelIndex } from '../../lambdas/tracking/model-index.ts';
import { trackingServer } from '../builders/tracking-server.ts';
import { type MemoryTable, memoryTable } from '../fakes/memory-table.ts';

/** Nobody is told: what is read in a test comes from the lists alone. */
const silent: Announce = Object.assign(async () => {}, {
  within: (_ws: string, _of: string, _id: string, write: Parameters<Announce['within']>[3]) => write([]).then(() => {}),
  experimentOf: () => undefined,
});

const aModel = (i: number): LoggedModel => ({
  modelId: `m-${i.toString(16).padStart(32, '0')}`,
  experimentId: '1',
  name: `m${i}`,
  modelType: '',
  sourceRunId: '',
  artifactUri: 'mlflow-artifacts:/1/models/m/artifacts',
  status: 'READY',
  stage: 'active',
  createdAt: 1_800_000_000_000 + i,
  updatedAt: 1_800_000_000_000 + i,
  params: {},
  tags: {},
});

const listed = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ pk: modelListPartition('default', '1'), sk: listedAt(aModel(i)) }));

/** Counts what a search reads. */
function counting(table: MemoryTable) {
  const read = { queries: 0, items: 0 };
  const counted: MemoryTable = {
    ...table,
    async query(pk, range) {
      const items = await table.query(pk, range);
      read.queries++;
      read.items += items.length;
      return items;
    },
    async getMany(keys) {
      const items = await table.getMany(keys);
      read.items += items.length;
      return items;
    },
  };
  return { table: counted, read };
}

describe('an experiment of many logged models', () => {
  test('is looked through a bounded part at a time: a short page has a token, and the pages have all', async () => {
    const { table, read } = counting(memoryTable());
    const announce = silent;
    for (let i = 0; i < 4500; i++) await putNewModel({ table, announce }, 'default', aModel(i));
    const { mlflow } = trackingServer({ table });
    const search = async (page_token?: string) =>
      (await mlflow('POST', 'logged-models/search', { experiment_ids: ['1'], filter: "name = 'm1'", page_token })).body;
    const first = await search();
    expect(first.models).toEqual([]);
    // A list entry and a model each; nothing was measured, so that there are no points.
    expect(read.items).toBeLessThan(2 * 4200);
    const second = await search(first.next_page_token);
    expect(second.models.map(({ info }: { info: { name: string } }) => info.name)).toEqual(['m1']);
    expect(second.next_page_token).toBeUndefined();
  });

  test('gives a page of the newest for the reads of that page', async () => {
    const { table, read } = counting(memoryTable(listed(1000)));
    const announce = silent;
    for (let i = 800; i < 1000; i++) await putNewModel({ table, announce }, 'default', aModel(i));
    const { mlflow } = trackingServer({ table });
    const { body } = await mlflow('POST', 'logged-models/search', { experiment_ids: ['1'], max_results: 10 });
    expect(body.models.map(({ info }: { info: { name: string } }) => info.name)).toEqual(
      Array.from({ length: 10 }, (_, i) => `m${999 - i}`),
    );
    expect(read).toEqual({ queries: 1, items: 22 });
  });

  test('is read once for an order of its own, and then only what changed', async () => {
    let now = 1_800_000_000_000;
    const { table, read } = counting(memoryTable());
    const announce = silent;
    for (let i = 0; i < 500; i++) await putNewModel({ table, announce }, 'default', aModel(i));
    const { mlflow } = trackingServer({ table, clock: () => new Date(now) });
    const order_by = [{ field_name: 'name' }];
    const search = () => mlflow('POST', 'logged-models/search', { experiment_ids: ['1'], order_by, max_results: 5 });
    await search();
    expect(read.items).toBe(1000);
    now += 60_000;
    await mlflow('PATCH', `logged-models/${aModel(7).modelId}/tags`, { tags: [{ key: 'a', value: 'b' }] });
    Object.assign(read, { queries: 0, items: 0 });
    await search();
    // The log of the last two minutes lies in two partitions.
    expect(read).toEqual({ queries: 2, items: 2 });
  });

  test('is seen whole though a write came long after it was announced', async () => {
    let now = 1_800_000_000_000;
    const clock = () => new Date(now);
    const table = memoryTable();
    const models = modelIndex(table, clock);
    await models('default', '1');
    await announcer(table, clock)('default', modelChanges('1'), aModel(1).modelId);
    now += 25_000;
    await expect(models('default', '1')).resolves.toEqual([]);
    await putNewModel({ table, announce: silent }, 'default', aModel(1));
    now += 20_000;
    await expect(models('default', '1')).resolves.toEqual([{ model: aModel(1), points: [] }]);
  });

  test('is forgotten for another one where there is no room for both, and refused where there is none for it', async () => {
    const { table, read } = counting(memoryTable());
    const announce = silent;
    for (let i = 0; i < 30; i++) {
      await putNewModel({ table, announce }, 'default', { ...aModel(i), experimentId: i < 20 ? '1' : '2' });
    }
    const clock = () => new Date(1_800_000_000_000);
    const models = modelIndex(table, clock, 50_000);
    const readFor = async (experimentId: string) => {
      Object.assign(read, { queries: 0, items: 0 });
      const found = await models('default', experimentId);
      return [found.length, read.items];
    };
    await expect(readFor('1')).resolves.toEqual([20, 40]);
    await expect(readFor('1')).resolves.toEqual([20, 0]);
    await expect(readFor('2')).resolves.toEqual([10, 20]);
    await expect(readFor('2')).resolves.toEqual([10, 0]);
    await expect(readFor('1')).resolves.toEqual([20, 40]);
    await expect(modelIndex(table, clock, 30_000)('default', '1')).rejects.toMatchObject({ name: 'SearchTooWide' });
  });

  test('takes no order of its own beyond what a function holds, and says which searches it takes', async () => {
    const { mlflow } = trackingServer({ table: memoryTable(listed(20_001)) });
    const search = (of: object) => mlflow('POST', 'logged-models/search', { experiment_ids: ['1'], ...of });
    const refused = await search({ order_by: [{ field_name: 'name' }] });
    expect(refused).toMatchObject({
      status: 400,
      body: { name: 'SearchTooWide', message: expect.stringContaining('more than 20000 logged models') },
    });
    await expect(search({ filter: "source_run_id = 'r'" })).resolves.toMatchObject({ status: 200 });
  });
});
