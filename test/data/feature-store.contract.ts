import { beforeEach, describe, expect, test } from '@jest/globals';
import { applyFeatures } from '../../lambdas/data/apply-features.ts';
import { listFeatures, showFeatures } from '../../lambdas/data/feature-views.ts';
import { findFeatures } from '../../lambdas/data/find-features.ts';
import { recordMaterialisationFailure } from '../../lambdas/data/materialisation-failure.ts';
import {
  type Computed,
  computeFeatures,
  finishMaterialisation,
  type Materialisation,
  type MaterialiseDeps,
  writePage,
} from '../../lambdas/data/materialise.ts';
import { readFeatures } from '../../lambdas/data/online-features.ts';
import { datasetRef } from '../../lambdas/data/versions.ts';
import { readLedger } from '../../lambdas/lineage/contract.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { aNamedFile, datasetVersions } from '../builders/dataset-versions.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';

const AT = '2026-01-05T09:00:00.000Z';
const specText = (sql = 'count(*)', more: Record<string, unknown> = {}) =>
  JSON.stringify({
    ...{
      schema: 'millrace/features/1',
      set: 'daily',
      dataset: 'visits',
      owner: 'tests',
      entity: ['shop'],
      timestamp: 'at',
    },
    features: { visits: { sql, type: 'integer', window: '1d' } },
    ...more,
  });

/** What applying and materialising must show on every table. Each test has a workspace of its own in it. */
export function featureStoreContract(make: () => Promise<Table>): void {
  let deps: MaterialiseDeps;
  let workspace: string;
  let versions: ReturnType<typeof datasetVersions>;
  let now: Date;
  let computed: string[][];
  const published: Record<string, number> = {};
  beforeEach(async () => {
    const table = await make();
    workspace = `w${newId()}`;
    const [curated, features] = [memoryObjects('curated'), memoryObjects('features')];
    computed = [];
    now = new Date('2026-01-05T12:00:00.000Z');
    deps = {
      ...{ table, online: table, curated, features, clock: () => now },
      // A file `ab-2` has rows of the shops a and b; a page has one shop, whose value is how many files have it.
      async *compute({ manifest, changed }) {
        const shopsOf = (path: string) => [...(/^train\/(\w+)-/.exec(path)?.[1] ?? '')];
        const shops = [...new Set(changed.flatMap(({ file }) => shopsOf(file.path)))].sort();
        computed.push(shops);
        for (const shop of shops) {
          const visits = manifest.files.filter(({ path }) => shopsOf(path).includes(shop)).length;
          yield [{ entity: { shop }, values: visits > 0 ? { visits } : null, asOf: visits > 0 ? AT : null }];
        }
      },
    };
    versions = datasetVersions(deps, workspace);
    await versions.create();
  });

  const named = () => ({ workspace, set: 'daily' });
  const apply = (text = specText(), problems: string[] = []) =>
    applyFeatures(
      { table: deps.table, checkSql: async () => ({ problems }) },
      { ...named(), text, actor: 'token-1', at: now.toISOString() },
    );
  const version = async (...names: string[]) =>
    versions.add(await Promise.all(names.map((name) => aNamedFile(deps.curated, workspace, name))), now.toISOString());
  const begin = async (): Promise<Materialisation> => {
    const answer: Computed = await computeFeatures(deps, named());
    if (answer.outcome !== 'computed') throw new Error(`expected a materialisation, got ${answer.outcome}`);
    return answer.materialisation;
  };
  const write = async (made: Materialisation) => {
    for (let page = 0; page < made.pages; page++) {
      const { outcome } = await writePage(deps, named(), made, page);
      if (outcome === 'overtaken') return outcome;
    }
    return (await finishMaterialisation(deps, named(), made)).outcome;
  };
  const materialise = async () => write(await begin());
  const visitsOf = async (shop: string) => {
    const { entities } = await readFeatures(deps, { ...named(), entities: [{ shop }] });
    return entities[0]?.values?.['visits'];
  };
  const show = () => showFeatures(deps, named());
  const find = async () => {
    for (const name of Object.keys(published)) delete published[name];
    const publish = async (name: string, value: number) => {
      published[name] = value;
    };
    return findFeatures({ ...deps, publish }, { workspace });
  };

  describe('a feature set', () => {
    test('is applied once however often, listed, and in the ledger of its dataset', async () => {
      await apply();
      expect(await apply()).toMatchObject({ revision: 1 });
      expect(await apply(specText('count(amount)'))).toMatchObject({ revision: 2 });
      expect(await listFeatures(deps.table, workspace)).toEqual({ sets: [{ set: 'daily', dataset: 'visits' }] });
      const ledger = await readLedger(deps.table, datasetRef(workspace, 'visits'));
      expect(ledger.map(({ action }) => action)).toEqual(['features-applied', 'features-applied']);
    });

    test('is refused with all that is wrong with it, and nothing is kept', async () => {
      await expect(apply(specText(), ['features.visits.sql: got "x", wrong'])).rejects.toMatchObject({
        name: 'FeatureSpecInvalid',
        message: 'spec: features.visits.sql: got "x", wrong',
      });
      const columns = apply(specText('count(*)', { entity: ['amount'], timestamp: 'shop' }));
      await expect(columns).rejects.toThrow(
        /entity\.0: got amount, which is a feature.*timestamp: got shop, which is string/,
      );
      expect(await listFeatures(deps.table, workspace)).toEqual({ sets: [] });
    });

    test('stays of its entity', async () => {
      await apply();
      await expect(apply(specText('count(*)', { entity: ['shop', 'till'] }))).rejects.toMatchObject({
        name: 'FeatureSetFixed',
        message: expect.stringContaining('entity: got shop,till, set daily is of shop'),
      });
    });
  });

  describe('a materialisation', () => {
    beforeEach(() => apply());

    test('has nothing to do before the first version, and after the latest', async () => {
      expect(await computeFeatures(deps, named())).toEqual({ outcome: 'empty' });
      await version('ab-1');
      expect(await materialise()).toBe('materialised');
      expect(await computeFeatures(deps, named())).toEqual({ outcome: 'current' });
    });

    test('computes who has news, and of a new definition everybody', async () => {
      await version('ab-1');
      await materialise();
      await version('ab-1', 'b-2', 'c-3');
      await materialise();
      expect([await visitsOf('a'), await visitsOf('b'), await visitsOf('c'), await visitsOf('d')]).toEqual([
        1,
        2,
        1,
        undefined,
      ]);
      await apply(specText('count(amount)'));
      await materialise();
      expect(computed).toEqual([
        ['a', 'b'],
        ['b', 'c'],
        ['a', 'b', 'c'],
      ]);
      expect(await show()).toMatchObject({ revision: 2, materialised: { revision: 2, number: 2, entities: 3 } });
    });

    test('takes away who has no rows any more, and computes who has fewer', async () => {
      await version('ab-1', 'b-2');
      await materialise();
      await version('b-2');
      await materialise();
      expect([await visitsOf('a'), await visitsOf('b')]).toEqual([undefined, 1]);
    });

    test('that is overtaken writes nothing more, and the later one has everything', async () => {
      await version('a-1');
      await materialise();
      await version('a-1', 'b-2');
      const early = await begin();
      expect(await writePage(deps, named(), early, 0)).toEqual({ outcome: 'written', next: 1 });
      await version('a-1', 'a-3');
      const late = await begin();
      expect(await write(early)).toBe('overtaken');
      expect((await finishMaterialisation(deps, named(), early)).outcome).toBe('overtaken');
      expect(await write(late)).toBe('materialised');
      // What the early one brought of b is of a file that is gone again.
      expect([await visitsOf('a'), await visitsOf('b')]).toEqual([2, undefined]);
    });

    test('that died is made good by the next, also when the dataset is what it was before', async () => {
      await version('a-1');
      await materialise();
      const before = await show();
      await version('a-1', 'b-2');
      await writePage(deps, named(), await begin(), 0);
      expect(await visitsOf('b')).toBe(1);
      await version('a-1');
      expect(await materialise()).toBe('materialised');
      expect([await visitsOf('a'), await visitsOf('b')]).toEqual([1, undefined]);
      expect((await show()).materialised?.version).toBe(before.materialised?.version);
    });

    test('may repeat any of its steps', async () => {
      await version('ab-1');
      const made = await begin();
      await writePage(deps, named(), made, 0);
      await write(made);
      await finishMaterialisation(deps, named(), made);
      const ledger = await readLedger(deps.table, datasetRef(workspace, 'visits'));
      expect(ledger.map(({ action }) => action)).toEqual(['features-applied', 'features-materialised']);
      expect(await show()).toMatchObject({ materialised: { number: 1, entities: 2 } });
    });

    test('computes everybody when a file that went cannot be read any more', async () => {
      await version('a-1', 'b-2');
      await materialise();
      await version('a-1');
      (deps.curated as ReturnType<typeof memoryObjects>).remove(`${workspace}/visits/train/b-2.parquet`);
      await materialise();
      expect(computed.at(-1)).toEqual(['a']);
    });

    test('that failed says why until one ends well', async () => {
      await version('a-1');
      const cause = JSON.stringify({ errorMessage: 'features.visits.sql: got x' });
      await recordMaterialisationFailure(deps, { ...named(), error: 'FeatureUncomputable', cause });
      expect((await show()).failure).toEqual({
        error: 'FeatureUncomputable',
        reason: 'features.visits.sql: got x',
        at: now.toISOString(),
      });
      await materialise();
      expect(await show()).not.toHaveProperty('failure');
    });

    test('of many entities at once writes all of them', async () => {
      const shops = Array.from({ length: 120 }, (_, i) => `s${i}`);
      await version('a-1');
      deps.compute = async function* () {
        yield shops.map((shop) => ({ entity: { shop }, values: { visits: 1 }, asOf: AT }));
      };
      await materialise();
      expect(await Promise.all(['s0', 's50', 's119'].map(visitsOf))).toEqual([1, 1, 1]);
    });
  });

  describe('staleness', () => {
    test('is counted from the first version that is not materialised, and is over when all are', async () => {
      await apply();
      await version('a-1');
      await materialise();
      expect(await find()).toEqual({ sets: [] });
      expect(published).toEqual({ 'features-stale-hours': 0, [`${workspace}-daily-features-stale-hours`]: 0 });
      await version('a-1', 'b-2');
      now = new Date('2026-01-05T15:00:00.000Z');
      await version('a-1', 'b-2', 'c-3');
      now = new Date('2026-01-05T16:30:00.000Z');
      expect(await find()).toEqual({ sets: [named()] });
      expect(published['features-stale-hours']).toBe(4.5);
      expect(await show()).toMatchObject({ staleHours: 4.5, latest: 3 });
      await materialise();
      expect(await find()).toEqual({ sets: [] });
    });

    test('is counted from the definition where that is what is newer', async () => {
      await version('a-1');
      await apply();
      await materialise();
      now = new Date('2026-01-05T13:00:00.000Z');
      await apply(specText('count(amount)'));
      now = new Date('2026-01-05T14:00:00.000Z');
      expect(await find()).toEqual({ sets: [named()] });
      expect(published['features-stale-hours']).toBe(1);
    });
  });
}
