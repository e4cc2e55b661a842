import { describe, expect, test } from '@jest/globals';
import { datasetRef, latestDatasetVersion } from '../../lambdas/data/contract.ts';
import { createDataset } from '../../lambdas/data/dataset.ts';
import { type IngestDeps, ingestObject } from '../../lambdas/data/ingest.ts';
import { readLedger } from '../../lambdas/lineage/contract.ts';
import { aSpec } from '../builders/dataset.ts';
import { AnswerLost, type Fault, faulty } from '../fakes/faulty.ts';
import { lineRefinery } from '../fakes/line-refinery.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { type MemoryTable, memoryTable } from '../fakes/memory-table.ts';

const AT = '2026-01-05T09:00:00.000Z';
const OBJECTS = ['a', 'b'].map((name, i) => ({
  key: `default/things/2026-01-05/0${i}abcdefghjkmnpqrstvwxyz01/${name}.csv`,
  bytes: 4,
  etag: name,
}));

async function aWorld() {
  const table = memoryTable();
  const zones = { raw: memoryObjects('raw'), curated: memoryObjects('curated') };
  await zones.raw.put(OBJECTS[0]!.key, '1\n2\n');
  await zones.raw.put(OBJECTS[1]!.key, '2\n!3\n4\n');
  const text = JSON.stringify(aSpec());
  await createDataset(table, { workspace: 'default', dataset: 'things', text, actor: 'a', at: AT });
  return { table, zones };
}

type World = Awaited<ReturnType<typeof aWorld>>;

function depsOf({ table, zones }: World, faultOf: () => Fault): IngestDeps {
  const curated = faulty(zones.curated, faultOf);
  return {
    table: faulty(table, faultOf),
    curated,
    partBytes: 1024 ** 3,
    prove: async () => true,
    refinery: lineRefinery({ raw: zones.raw, curated }),
    clock: () => new Date(AT),
  };
}

/** Everything that is stored, times aside. */
const stateOf = ({ table, zones }: World) => ({
  items: table.items().sort((a, b) => (`${a.pk} ${a.sk}` < `${b.pk} ${b.sk}` ? -1 : 1)),
  objects: zones.curated.keys(),
});

async function undisturbed() {
  const world = await aWorld();
  let calls = 0;
  const deps = depsOf(world, () => void calls++ as undefined);
  for (const object of OBJECTS) await ingestObject(deps, object);
  return {
    calls,
    state: stateOf(world),
    version: (await latestDatasetVersion(world.table, 'default', 'things'))?.version,
  };
}

describe('a worker that dies', () => {
  test.each(['before', 'after'] as const)(
    '%s any call, and its retry, leave the same as if nothing had happened',
    async (fault) => {
      const { calls, state, version } = await undisturbed();
      expect(calls).toBeGreaterThan(20);
      for (let at = 0; at < calls; at++) {
        const world = await aWorld();
        let call = 0;
        const deps = depsOf(world, () => (call++ === at ? fault : undefined));
        for (const object of OBJECTS) {
          const once = () => ingestObject(deps, object);
          await once().catch((error) => {
            if (!(error instanceof AnswerLost)) throw error;
            return once();
          });
        }
        expect((await latestDatasetVersion(world.table, 'default', 'things'))?.version).toBe(version);
        // The ledger's and outbox's rows too: nothing was said twice.
        expect(stateOf(world)).toEqual({ ...state, items: state.items.map(withExpiryOf(stateOf(world).items)) });
      }
    },
  );
});

describe('a worker that is overtaken', () => {
  /** The catalogue, where the first look at the dataset comes only after `before`: the worker has begun by then. */
  function overtaken({ table }: World, before: () => Promise<unknown>): MemoryTable {
    let first: Promise<unknown> | undefined;
    return {
      ...table,
      async get(key) {
        if (key.pk === 'default#dataset#things') {
          first ??= before();
          await first;
        }
        return table.get(key);
      },
    };
  }

  test('by another on the same file hears of what that one did, and does not say that nothing changed', async () => {
    const world = await aWorld();
    const deps = depsOf(world, () => undefined);
    const object = OBJECTS[0]!;
    const table = overtaken(world, () => ingestObject(deps, object));
    const late = await ingestObject({ ...deps, table }, object);
    expect(late).toMatchObject({ status: 'succeeded', ingestion: { rows: 2, unchanged: false, number: 1 } });
    expect(await ingestObject(deps, object)).toEqual(late);
  });

  test('by a change of the spec looks at the file again under the new one', async () => {
    const world = await aWorld();
    const deps = depsOf(world, () => undefined);
    const text = JSON.stringify(aSpec({ owner: 'others' }));
    const change = () =>
      createDataset(world.table, { workspace: 'default', dataset: 'things', text, actor: 'a', at: AT });
    let calls = 0;
    const refine: IngestDeps['refinery']['refine'] = async (request) => {
      if (calls++ === 0) await change();
      return deps.refinery.refine(request);
    };
    await ingestObject({ ...deps, refinery: { ...deps.refinery, refine } }, OBJECTS[0]!);
    const fact = await latestDatasetVersion(world.table, 'default', 'things');
    expect(calls).toBe(2);
    expect(fact?.spec).toBe((await change()).spec);
  });

  test('by another that makes the same dataset changes that one, and the ledger has each once', async () => {
    const table = memoryTable();
    const make = (owner: string) => {
      const text = JSON.stringify(aSpec({ owner }));
      return createDataset(table, { workspace: 'default', dataset: 'things', text, actor: owner, at: AT });
    };
    await Promise.all(['one', 'two', 'one'].map(make));
    const actions = (await readLedger(table, datasetRef('default', 'things'))).map(({ action }) => action);
    expect(actions[0]).toBe('dataset-created');
    expect(actions.slice(1)).toEqual(actions.slice(1).map(() => 'dataset-spec-changed'));
    expect(actions.length).toBeGreaterThan(1);
  });
});

/** Outbox rows expire by the wall clock. */
function withExpiryOf(others: ReturnType<typeof stateOf>['items']) {
  return (item: (typeof others)[number], i: number) =>
    'expiresAt' in item ? { ...item, expiresAt: others[i]?.['expiresAt'] as number } : item;
}
