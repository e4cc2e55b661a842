import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { headOf } from '../../lambdas/data/dataset-head.ts';
import { deleteVersion } from '../../lambdas/data/delete-version.ts';
import { eraseVersion } from '../../lambdas/data/erase-version.ts';
import { curatedKey, readManifest } from '../../lambdas/data/manifest.ts';
import { pinVersion } from '../../lambdas/data/name-version.ts';
import { requireVersion } from '../../lambdas/data/resolve-version.ts';
import { useCheck, usesOf } from '../../lambdas/data/version-use.ts';
import { datasetRef, datasetVersion, datasetVersionRef, listDatasetVersions } from '../../lambdas/data/versions.ts';
import { commit, ref } from '../../lambdas/lineage/contract.ts';
import { verifySubject } from '../../lambdas/lineage/graph.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { ConditionUnmet } from '../../lambdas/shared/table.ts';
import { ACT, aDatasetOfSnapshots, aSnapshot, eraseDeps, keyOf, NAMED, type Stores } from '../builders/versions.ts';
import { faulty } from '../fakes/faulty.ts';

const outcome = async (work: () => Promise<unknown>): Promise<string> =>
  work().then(
    () => 'done',
    (error: Error) => error.name,
  );

/** Again while others came first, as retries of a workflow do. */
async function again(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const end = await outcome(work);
    if (end === 'done') return;
    if (end !== 'DatasetContended') throw new Error(end);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  throw new Error('always contended');
}

async function erased(stores: Stores): Promise<void> {
  let from = 0;
  for (let more = true; more; ) {
    await again(async () => {
      const answer = await eraseVersion(eraseDeps(stores, 0), { ...NAMED, number: 1, from });
      more = answer.outcome === 'more';
      if (answer.outcome === 'more') from = answer.from;
    });
  }
}

/** Begins to read version 1 as a run does: its edge holds only while nothing about the version has changed. */
async function read({ table }: Stores): Promise<void> {
  const fact = await requireVersion(table, { ...NAMED, version: '1' });
  const to = datasetVersionRef(NAMED.workspace, NAMED.dataset, fact.version);
  await commit(table, {
    facts: [await useCheck(table, NAMED.workspace, fact)],
    edges: [{ from: ref('run', 'default', 'r1'), relation: 'read', to }],
  });
}

test('deletion, two erasers, an ingestion of the same content, a pin and a run in any order lose nothing that is named', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), fc.boolean(), async (scheduler, pins, reads) => {
      const world = await aDatasetOfSnapshots();
      await aSnapshot(world, ['a', 'b']);
      await aSnapshot(world, ['b']);
      const turn = () => scheduler.schedule(Promise.resolve());
      const stores: Stores = {
        table: faulty(world.table, () => undefined, turn),
        curated: faulty(world.curated, () => undefined, turn),
      };
      const removal = { ...NAMED, ...ACT, version: '1', reason: 'old' };
      const all = Promise.all([
        outcome(() => deleteVersion(stores.table, removal)).then(async (end) => {
          // Two at once, one of which may sleep in the middle of the other.
          if (end === 'done') await Promise.all([erased(stores), erased(stores)]);
          return end;
        }),
        again(() => aSnapshot(stores, ['a', 'c'])),
        pins ? outcome(() => pinVersion(stores.table, removal)) : 'none',
        reads ? outcome(() => read(stores)) : 'none',
      ]);
      await scheduler.waitFor(all);
      const [deletion, , pin, run] = await all;

      const { table, curated } = world;
      const facts = await listDatasetVersions(table, NAMED.workspace, NAMED.dataset);
      const living = facts.filter(({ deleted }) => !deleted);
      expect(living.map(({ number }) => number)).toEqual(expect.arrayContaining([2, 3]));
      for (const fact of living) {
        const manifest = await readManifest(curated, fact);
        for (const file of manifest.files) {
          const bytes = await curated.get(curatedKey(manifest, file));
          expect(bytes && digestOf(bytes)).toBe(file.sha256);
        }
      }
      const one = facts.find(({ number }) => number === 1)!;
      const uses = await usesOf(table, NAMED.workspace, NAMED.dataset, one.version);
      seen.add(`${deletion} ${pin} ${run} ${one.deleted ? 'gone' : 'there'}`);
      if (one.deleted) {
        expect(one.deleted.erasedAt).toBeDefined();
        expect(uses).toEqual([]);
        expect(['none', 'DatasetVersionDeleted']).toContain(pin);
      }
      if (pin === 'done') expect(one.deleted).toBeUndefined();
      if (run === 'done') expect(one.deleted).toBeUndefined();
      expect(one).toEqual(await datasetVersion(table, NAMED.workspace, NAMED.dataset, one.version));
      expect((await headOf(table, NAMED.workspace, NAMED.dataset))?.erasing).toBeUndefined();
      expect(await curated.head(keyOf('a'))).toBeDefined();
      expect((await verifySubject(table, datasetRef(NAMED.workspace, NAMED.dataset))).intact).toBe(true);
    }),
    { numRuns: 60 },
  );
  // Each of them won some of the races, or this would show nothing.
  expect([...seen].some((end) => end.endsWith('gone'))).toBe(true);
  expect([...seen].some((end) => end.includes('DatasetVersionKept done'))).toBe(true);
  expect([...seen].some((end) => end.includes('DatasetVersionDeleted'))).toBe(true);
});

test('an eraser that wakes up long after takes nothing that was written since', async () => {
  const world = await aDatasetOfSnapshots();
  await aSnapshot(world, ['a']);
  await aSnapshot(world, ['b']);
  await deleteVersion(world.table, { ...NAMED, ...ACT, version: '1', reason: 'old' });
  await eraseVersion(eraseDeps(world), { ...NAMED, number: 1 });
  let wake = () => {};
  const asleep = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const curated = {
    ...world.curated,
    erase: async (versions: Parameters<typeof world.curated.erase>[0]) => {
      await asleep;
      return world.curated.erase(versions);
    },
  };
  const sleeper = outcome(() => eraseVersion(eraseDeps({ ...world, curated }), { ...NAMED, number: 1 }));
  await erased(world);
  await aSnapshot(world, ['a', 'b']);
  wake();
  expect(await sleeper).toBe('DatasetContended');
  expect(await world.curated.head(keyOf('a'))).toBeDefined();
});

test('an ingestion of content that is on its way out waits for the end, and then brings it back', async () => {
  const world = await aDatasetOfSnapshots();
  await aSnapshot(world, ['a']);
  await aSnapshot(world, ['b']);
  await deleteVersion(world.table, { ...NAMED, ...ACT, version: '1', reason: 'old' });
  await eraseVersion(eraseDeps(world), { ...NAMED, number: 1 });
  expect(await outcome(() => aSnapshot(world, ['a', 'c']))).toBe('DatasetContended');
  expect(await outcome(() => aSnapshot(world, ['c']))).toBe('done');
  await erased(world);
  expect(await outcome(() => aSnapshot(world, ['a', 'c']))).toBe('done');
  expect(await world.curated.head(keyOf('a'))).toBeDefined();
});

test('an ingestion that found its content there before it went does not register it', async () => {
  const world = await aDatasetOfSnapshots();
  await aSnapshot(world, ['a']);
  await aSnapshot(world, ['b']);
  await deleteVersion(world.table, { ...NAMED, ...ACT, version: '1', reason: 'old' });
  let gone = false;
  const curated = {
    ...world.curated,
    // Its files are written by now; the whole erasure fits in before its manifest.
    create: async (key: string, bytes: Uint8Array | string) => {
      if (key.includes('/manifests/') && !gone) {
        gone = true;
        await erased(world);
      }
      return world.curated.create(key, bytes);
    },
  };
  expect(await outcome(() => aSnapshot({ ...world, curated }, ['a', 'c']))).toBe('DatasetContended');
  expect(await outcome(() => aSnapshot(world, ['a', 'c']))).toBe('done');
  expect(await world.curated.head(keyOf('a'))).toBeDefined();
});

test('a condition that others broke is never told as it is', async () => {
  const world = await aDatasetOfSnapshots();
  await aSnapshot(world, ['a']);
  await aSnapshot(world, ['b']);
  const table = {
    ...world.table,
    transact: async () => {
      throw new ConditionUnmet([0]);
    },
  };
  const wish = { ...NAMED, ...ACT, version: '1', reason: 'old' };
  await expect(deleteVersion(table, wish)).rejects.toMatchObject({ name: 'DatasetContended' });
  await expect(pinVersion(table, wish)).rejects.toMatchObject({ name: 'DatasetContended' });
});
