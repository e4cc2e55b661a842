import { beforeEach, describe, expect, test } from '@jest/globals';
import { createDataset } from '../../lambdas/data/dataset.ts';
import { catalogueRow, type DatasetsWanted, searchDatasets } from '../../lambdas/data/dataset-search.ts';
import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { ingestObject } from '../../lambdas/data/ingest.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { aSpec } from '../builders/dataset.ts';
import { lineRefinery } from '../fakes/line-refinery.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';

const AT = '2026-01-05T09:00:00.000Z';
const WORKSPACE = 'default';

let table: ReturnType<typeof memoryTable>;
beforeEach(() => {
  table = memoryTable();
});

const create = (given: Partial<DatasetSpec>, workspace = WORKSPACE) => {
  const spec = aSpec(given);
  const text = JSON.stringify(spec);
  return createDataset(table, { workspace, dataset: spec.dataset, text, actor: 'token-1', at: AT });
};
const search = (wanted: Partial<DatasetsWanted> = {}) =>
  searchDatasets(table, { workspace: WORKSPACE, words: [], limit: 100, ...wanted });
const names = async (wanted: Partial<DatasetsWanted> = {}) =>
  (await search(wanted)).datasets.map(({ dataset }) => dataset);

/** Takes lines into a dataset, as its next version. */
async function ingest(dataset: string, content: string) {
  const zones = { raw: memoryObjects('raw'), curated: memoryObjects('curated') };
  const key = `${WORKSPACE}/${dataset}/2026-01-05/0123456789abcdefghjkmnpqrs/a.csv`;
  await zones.raw.put(key, content);
  const deps = {
    table,
    ...zones,
    refinery: lineRefinery(zones),
    partBytes: 1024 ** 3,
    prove: async () => true,
    clock: () => new Date('2026-02-01T00:00:00Z'),
  };
  return ingestObject(deps, { key, bytes: content.length });
}

describe('a search', () => {
  const { columns } = aSpec();
  const people: DatasetSpec['columns'] = { ...columns, person: { type: 'string', role: 'subject' } };
  beforeEach(async () => {
    await create({ dataset: 'flights', owner: 'Air Team', tags: ['public'], description: 'Delays of 2001' });
    await create({
      dataset: 'patients',
      owner: 'clinic',
      tags: ['health', 'secret'],
      columns: people,
      source: 'Müller',
    });
    await create({ dataset: 'sales', owner: 'shop', purpose: 'forecast of delays in delivery' });
    await create({ dataset: 'flights' }, 'blue');
  });

  test('without words lists the workspace’s datasets by name, and no other workspace’s', async () => {
    expect(await names()).toEqual(['flights', 'patients', 'sales']);
    expect(await names({ workspace: 'blue' })).toEqual(['flights']);
    expect(await names({ workspace: 'red' })).toEqual([]);
  });

  test.each<[Partial<DatasetsWanted>, string[]]>([
    [{ words: ['FLI'] }, ['flights']],
    [{ words: ['delays'] }, ['flights', 'sales']],
    [{ words: ['delays', 'air'] }, ['flights']],
    [{ words: ['delays', 'clinic'] }, []],
    [{ words: ['mu\u0308ller'] }, ['patients']],
    [{ words: ['person'] }, ['patients']],
    [{ column: 'PERS' }, ['patients']],
    [{ column: 'size' }, ['flights', 'patients', 'sales']],
    [{ owner: 'air' }, ['flights']],
    [{ tag: 'health' }, ['patients']],
    [{ tag: 'heal' }, []],
    [{ subject: true }, ['patients']],
    [{ subject: false }, ['flights', 'sales']],
    [{ subject: true, owner: 'shop' }, []],
  ])('for %j finds %j', async (wanted, found) => {
    expect(await names(wanted)).toEqual(found);
  });

  test('shows what the newest spec and the newest version say, whichever came last', async () => {
    await ingest('sales', '1\n2\n');
    const latest = { number: 1, rows: 2, registeredAt: '2026-02-01T00:00:00.000Z' };
    expect((await search({ words: ['sales'] })).datasets).toMatchObject([{ owner: 'shop', latest }]);
    await create({ dataset: 'sales', owner: 'others', tags: ['new'] });
    expect((await search({ tag: 'new' })).datasets).toMatchObject([{ dataset: 'sales', owner: 'others', latest }]);
    expect(await names({ words: ['forecast'] })).toEqual([]);
  });

  test('shows no version where there is none', async () => {
    const [{ latest, createdAt } = {}] = (await search()).datasets;
    expect([latest, createdAt]).toEqual([undefined, AT]);
  });
});

describe('a workspace of thousands', () => {
  const MANY = 4500;
  const dataset = (i: number) => `d${String(i).padStart(5, '0')}`;
  beforeEach(async () => {
    for (let i = 0; i < MANY; i++) {
      const spec = aSpec({ owner: i === MANY - 1 ? 'the last' : 'many', tags: i % 2 ? ['odd'] : [] });
      const head = { dataset: dataset(i), spec: digestOf(''), number: 0, latest: null, createdAt: AT };
      await table.transact([catalogueRow(WORKSPACE, head, spec)]);
    }
  });

  test('is listed page by page, each dataset once', async () => {
    const seen: string[] = [];
    for (let after: string | undefined, pages = 0; pages < 1000; pages++) {
      const { datasets, next } = await search({ after, limit: 499, tag: 'odd' });
      expect(datasets.length).toBeLessThanOrEqual(499);
      seen.push(...datasets.map((each) => each.dataset));
      if (!next) break;
      after = next;
    }
    expect(seen).toEqual(Array.from({ length: MANY / 2 }, (_, i) => dataset(2 * i + 1)));
  });

  test('is looked through in several calls, none of which reads all of it', async () => {
    let reads = 0;
    const counted = { ...table, query: (pk: string, range = {}) => table.query(pk, range).finally(() => reads++) };
    const wanted = { workspace: WORKSPACE, words: ['last'], limit: 10 };
    const first = await searchDatasets(counted, wanted);
    expect([first.datasets, first.next, reads]).toEqual([[], dataset(1999), 4]);
    const second = await searchDatasets(counted, { ...wanted, after: first.next });
    const third = await searchDatasets(counted, { ...wanted, after: second.next });
    expect(third).toMatchObject({ datasets: [{ owner: 'the last' }] });
    expect(third.next).toBeUndefined();
  });
});
