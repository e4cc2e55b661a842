import { describe, expect, test } from '@jest/globals';
import { DATASET_VERSION_REGISTERED } from '../../lambdas/data/contract.ts';
import { headOf } from '../../lambdas/data/dataset-head.ts';
import { deleteVersion } from '../../lambdas/data/delete-version.ts';
import { eraseVersion } from '../../lambdas/data/erase-version.ts';
import { describeVersion } from '../../lambdas/data/name-version.ts';
import { requireVersion } from '../../lambdas/data/resolve-version.ts';
import { datasetRef, listDatasetVersions } from '../../lambdas/data/versions.ts';
import { verifySubject } from '../../lambdas/lineage/graph.ts';
import { ACT, aDatasetOfSnapshots, aSnapshot, eraseDeps, keyOf, NAMED, type Stores } from '../builders/versions.ts';

/** Contents `a`, then `b`, then `a` again. */
async function thereAndBack() {
  const world = await aDatasetOfSnapshots();
  const one = await aSnapshot(world, ['a']);
  const two = await aSnapshot(world, ['b']);
  const three = await aSnapshot(world, ['a']);
  return { ...world, one, two, three };
}
const gone = async (world: Stores, number: number) => {
  await deleteVersion(world.table, { ...NAMED, ...ACT, version: String(number), reason: 'old' });
  for (let outcome = 'more'; outcome === 'more'; )
    outcome = (await eraseVersion(eraseDeps(world), { ...NAMED, number })).outcome;
};
const numberOf = async ({ table }: Stores, version: string) =>
  (await requireVersion(table, { ...NAMED, version })).number;

describe('content that comes back', () => {
  test('is its first digest under the next number, and made from the version before it', async () => {
    const { one, two, three, table } = await thereAndBack();
    expect(three).toMatchObject({ version: one.version, number: 3, parent: two.version });
    expect(await headOf(table, NAMED.workspace, NAMED.dataset)).toMatchObject({ number: 3, latest: one.version });
    expect(
      (await listDatasetVersions(table, NAMED.workspace, NAMED.dataset)).map(({ number, version }) => [
        number,
        version,
      ]),
    ).toEqual([
      [3, one.version],
      [2, two.version],
      [1, one.version],
    ]);
    expect((await verifySubject(table, datasetRef(NAMED.workspace, NAMED.dataset))).intact).toBe(true);
  });

  test('is found by each of its numbers, and by its digest as the newest of them', async () => {
    const world = await thereAndBack();
    for (const [version, number] of Object.entries({ 1: 1, 3: 3, latest: 3, [world.one.version]: 3 }))
      expect(await describeVersion(world.table, { ...NAMED, version })).toMatchObject({
        number,
        version: world.one.version,
      });
  });

  test('stays while one of its numbers is there, whichever of them goes', async () => {
    const world = await thereAndBack();
    await gone(world, 1);
    expect(await world.curated.head(keyOf('a'))).toBeDefined();
    expect(await numberOf(world, world.one.version)).toBe(3);
    await aSnapshot(world, ['b']);
    const newest = await aSnapshot(world, ['a']);
    await aSnapshot(world, ['c']);
    await gone(world, newest.number);
    expect(await world.curated.head(keyOf('a'))).toBeDefined();
    expect(await numberOf(world, world.one.version)).toBe(3);
    await gone(world, 3);
    expect(await world.curated.head(keyOf('a'))).toBeUndefined();
    await expect(numberOf(world, world.one.version)).rejects.toMatchObject({ name: 'DatasetVersionDeleted' });
  });

  test('is there again when all of it was gone', async () => {
    const world = await aDatasetOfSnapshots();
    const { version } = await aSnapshot(world, ['a']);
    await aSnapshot(world, ['b']);
    await gone(world, 1);
    await expect(numberOf(world, version)).rejects.toMatchObject({ name: 'DatasetVersionDeleted' });
    await aSnapshot(world, ['a']);
    expect(await numberOf(world, version)).toBe(3);
    expect(await world.curated.head(keyOf('a'))).toBeDefined();
    await expect(numberOf(world, '1')).rejects.toMatchObject({ name: 'DatasetVersionDeleted' });
  });

  test('is told as a version of its own, so that who listens looks again', async () => {
    const { table } = await thereAndBack();
    const told = table.items().filter(({ pk }) => pk.includes('#outbox#'));
    const events = told.filter(({ event }) => (event as { type: string }).type === DATASET_VERSION_REGISTERED);
    expect(events).toHaveLength(3);
  });
});
