import { describe, expect, test } from '@jest/globals';
import { headOf } from '../../lambdas/data/dataset-head.ts';
import { deleteVersion } from '../../lambdas/data/delete-version.ts';
import { eraseVersion } from '../../lambdas/data/erase-version.ts';
import { findVersions, sweepVersion } from '../../lambdas/data/expired-versions.ts';
import { pinVersion, tagVersion, unpinVersion, untagVersion } from '../../lambdas/data/name-version.ts';
import { requireVersion } from '../../lambdas/data/resolve-version.ts';
import { datasetRef, datasetVersionRef } from '../../lambdas/data/versions.ts';
import { listVersions, showProfile, showVersion } from '../../lambdas/data/views.ts';
import { commit, readLedger, ref } from '../../lambdas/lineage/contract.ts';
import { verifySubject, walk } from '../../lambdas/lineage/graph.ts';
import type { Digest } from '../../lambdas/shared/digest.ts';
import {
  ACT,
  aDatasetOfSnapshots,
  aSnapshot,
  eraseDeps,
  keyOf,
  NAMED,
  NOW,
  type Stores,
} from '../builders/versions.ts';
import { AnswerLost, type Fault, faulty } from '../fakes/faulty.ts';

const WISH = { ...NAMED, ...ACT, reason: 'consent withdrawn' };
const later = (days: number) => new Date(Date.parse(NOW) + days * 86_400_000);

/** Three versions: `a` is in the first only, `b` in the first two, `c` in the last two. */
async function threeVersions(given = {}) {
  const world = await aDatasetOfSnapshots(given);
  const one = await aSnapshot(world, ['a', 'b']);
  const two = await aSnapshot(world, ['b', 'c']);
  const three = await aSnapshot(world, ['c', 'd']);
  return { ...world, one, two, three };
}

async function erase(stores: Stores, number: number, budgetMs?: number) {
  let from = 0;
  for (let call = 0; call < 50; call++) {
    const answer = await eraseVersion(eraseDeps(stores, budgetMs), { ...NAMED, number, from });
    if (answer.outcome !== 'more') return answer.outcome;
    from = answer.from;
  }
  throw new Error('the erasure does not end');
}

async function use(stores: Stores, version: Digest, by = ref('run', 'default', 'r1')) {
  const edge = { from: by, relation: 'read' as const, to: datasetVersionRef('default', 'things', version) };
  await commit(stores.table, { facts: [], edges: [edge] });
}

describe('a deleted version', () => {
  test('loses the files that it alone names, every stored version of them, and its profile', async () => {
    const { table, curated, one } = await threeVersions();
    await curated.put(keyOf('a'), 'a, written again');
    await deleteVersion(table, { ...WISH, version: '1' });
    expect(await erase({ table, curated }, 1)).toBe('erased');
    expect(await curated.versionsBelow(keyOf('a'))).toEqual([]);
    expect(await curated.versionsBelow(one.profileKey)).toEqual([]);
    for (const kept of ['b', 'c', 'd']) expect(await curated.head(keyOf(kept))).toBeDefined();
    expect(await curated.head(one.manifestKey)).toBeDefined();
  });

  test('shared files go with the last version that names them', async () => {
    const { table, curated } = await threeVersions();
    await deleteVersion(table, { ...WISH, version: '2' });
    await erase({ table, curated }, 2);
    expect(await curated.head(keyOf('b'))).toBeDefined();
    await deleteVersion(table, { ...WISH, version: '1' });
    await erase({ table, curated }, 1);
    expect(await curated.head(keyOf('b'))).toBeUndefined();
    expect(await curated.head(keyOf('c'))).toBeDefined();
  });

  test('says to every reader since when, by whom and why it is gone', async () => {
    const { table, curated, one } = await threeVersions();
    await deleteVersion(table, { ...WISH, version: '1' });
    const gone = {
      name: 'DatasetVersionDeleted',
      kind: 'missing',
      message: `version: things version 1 (${one.version}) was deleted at ${NOW} by ann: consent withdrawn`,
    };
    for (const version of ['1', one.version]) {
      await expect(requireVersion(table, { ...NAMED, version })).rejects.toMatchObject(gone);
      await expect(showVersion({ table, curated }, { ...NAMED, version })).rejects.toMatchObject(gone);
      await expect(showProfile({ table, curated }, { ...NAMED, version })).rejects.toMatchObject(gone);
      await expect(pinVersion(table, { ...WISH, version })).rejects.toMatchObject(gone);
      await expect(tagVersion(table, { ...NAMED, ...ACT, version, tag: 'prod' })).rejects.toMatchObject(gone);
    }
  });

  test('stays in lineage, in the list of versions and in the ledger', async () => {
    const { table, curated, one, two } = await threeVersions();
    await deleteVersion(table, { ...WISH, version: '1' });
    await erase({ table, curated }, 1);
    const deleted = { at: NOW, by: 'ann', reason: 'consent withdrawn', erasedAt: NOW, objects: 2 };
    const { nodes, edges } = await walk(table, datasetVersionRef('default', 'things', two.version), {
      direction: 'upstream',
    });
    const thing = datasetVersionRef('default', 'things', one.version);
    expect(nodes.find((node) => node.ref === thing)?.fact).toMatchObject({ version: one.version, deleted });
    expect(edges.map(({ to }) => to)).toContain(thing);
    const { versions } = await listVersions(table, NAMED);
    expect(versions.map((each) => each.deleted)).toEqual([undefined, undefined, deleted]);
    const entries = await readLedger(table, datasetRef('default', 'things'));
    expect(entries.slice(-2).map(({ action, actor }) => [action, actor])).toEqual([
      ['dataset-version-deleted', 'ann'],
      ['dataset-version-erased', 'data/delete-versions'],
    ]);
    expect((await verifySubject(table, datasetRef('default', 'things'))).intact).toBe(true);
  });

  test('is deleted once, whoever says it again', async () => {
    const { table } = await threeVersions();
    const first = await deleteVersion(table, { ...WISH, version: '1' });
    const second = await deleteVersion(table, { ...WISH, version: '1', reason: 'another', actor: 'bob' });
    expect(second).toEqual(first);
  });

  test('is erased call by call where one is too short', async () => {
    const { table, curated } = await threeVersions();
    await deleteVersion(table, { ...WISH, version: '1' });
    expect(await erase({ table, curated }, 1, 0)).toBe('erased');
    expect(await curated.head(keyOf('a'))).toBeUndefined();
  });

  test('leaves nothing behind that would keep another from being erased', async () => {
    const { table, curated } = await threeVersions();
    for (const version of ['1', '2']) await deleteVersion(table, { ...WISH, version });
    // The first call of 1 plans it; then 2 comes in between and has to end what 1 began.
    await eraseVersion(eraseDeps({ table, curated }), { ...NAMED, number: 1 });
    expect(await erase({ table, curated }, 2)).toBe('erased');
    expect(await erase({ table, curated }, 1)).toBe('erased');
    expect((await headOf(table, 'default', 'things'))?.erasing).toBeUndefined();
    expect(await curated.head(keyOf('b'))).toBeUndefined();
  });
});

describe('a version stays', () => {
  const kept = (why: RegExp) => ({ name: 'DatasetVersionKept', kind: 'conflict', message: expect.stringMatching(why) });

  test('while it is the latest', async () => {
    const { table } = await threeVersions();
    await expect(deleteVersion(table, { ...WISH, version: 'latest' })).rejects.toMatchObject(kept(/latest/));
  });

  test('while it is pinned, and goes once it is not', async () => {
    const { table } = await threeVersions();
    await pinVersion(table, { ...WISH, version: '1', reason: 'audit of 2026' });
    await expect(deleteVersion(table, { ...WISH, version: '1' })).rejects.toMatchObject(
      kept(/ann pinned.*audit of 2026/),
    );
    await unpinVersion(table, { ...WISH, version: '1' });
    await expect(deleteVersion(table, { ...WISH, version: '1' })).resolves.toMatchObject({ number: 1 });
  });

  test('while it is tagged, and goes once it is not', async () => {
    const { table } = await threeVersions();
    await tagVersion(table, { ...NAMED, ...ACT, version: '1', tag: 'prod' });
    await expect(deleteVersion(table, { ...WISH, version: 'prod' })).rejects.toMatchObject(kept(/tagged prod/));
    await untagVersion(table, { ...NAMED, ...ACT, tag: 'prod' });
    await expect(deleteVersion(table, { ...WISH, version: '1' })).resolves.toMatchObject({ number: 1 });
  });

  test('while a run read it, unless that is said to be no reason', async () => {
    const { table, curated, one } = await threeVersions();
    await use({ table, curated }, one.version);
    await expect(deleteVersion(table, { ...WISH, version: '1' })).rejects.toMatchObject(kept(/run:default\/r1/));
    await expect(deleteVersion(table, { ...WISH, version: '1', evenIfUsed: true })).resolves.toMatchObject({
      number: 1,
    });
  });

  test('when a run came to read it as it was deleted, and its files are still there', async () => {
    const { table, curated, one } = await threeVersions();
    await deleteVersion(table, { ...WISH, version: '1' });
    await use({ table, curated }, one.version);
    expect(await erase({ table, curated }, 1)).toBe('kept');
    await expect(requireVersion(table, { ...NAMED, version: '1' })).resolves.toEqual(one);
    expect(await curated.head(keyOf('a'))).toBeDefined();
    const entries = await readLedger(table, datasetRef('default', 'things'));
    expect(entries.at(-1)?.action).toBe('dataset-version-reinstated');
  });

  test('with all it shares, although the other that shares it went first', async () => {
    const { table, curated, two } = await threeVersions();
    for (const version of ['1', '2']) await deleteVersion(table, { ...WISH, version });
    await erase({ table, curated }, 1);
    await use({ table, curated }, two.version);
    expect(await erase({ table, curated }, 2)).toBe('kept');
    for (const file of ['b', 'c']) expect(await curated.head(keyOf(file))).toBeDefined();
  });
});

describe('the sweep', () => {
  const sweep = async ({ table, curated }: Stores, now: Date) => {
    const deps = { ...eraseDeps({ table, curated }), clock: () => now };
    const { versions } = await findVersions(deps);
    for (const each of versions) {
      for (let from = 0, more = true; more; ) {
        const answer = await sweepVersion(deps, { ...each, from });
        more = answer.outcome === 'more';
        if (answer.outcome === 'more') from = answer.from;
      }
    }
    return versions.map(({ number }) => number);
  };

  test('deletes what is past its days, oldest first, and the latest never', async () => {
    const world = await threeVersions({ retentionDays: 30 });
    expect(await sweep(world, later(29))).toEqual([]);
    expect(await sweep(world, later(31))).toEqual([1, 2]);
    expect(await sweep(world, later(32))).toEqual([]);
    expect((await requireVersion(world.table, { ...NAMED, version: 'latest' })).number).toBe(3);
    const { versions } = await listVersions(world.table, NAMED);
    expect(versions[2]?.deleted?.reason).toBe('older than the 30 days that the spec keeps versions');
    for (const gone of ['a', 'b']) expect(await world.curated.head(keyOf(gone))).toBeUndefined();
    for (const file of ['c', 'd']) expect(await world.curated.head(keyOf(file))).toBeDefined();
  });

  test('leaves pinned, tagged and used versions, and datasets without retention', async () => {
    const world = await threeVersions({ retentionDays: 30 });
    await aSnapshot(world, ['e']);
    await pinVersion(world.table, { ...WISH, version: '1' });
    await tagVersion(world.table, { ...NAMED, ...ACT, version: '2', tag: 'prod' });
    await use(world, world.three.version);
    expect(await sweep(world, later(1000))).toEqual([]);
    expect(await sweep(await threeVersions(), later(1000))).toEqual([]);
  });

  test('asks again before it deletes: what was pinned since then stays', async () => {
    const world = await threeVersions({ retentionDays: 30 });
    const deps = { ...eraseDeps(world), clock: () => later(31) };
    const { versions } = await findVersions(deps);
    await pinVersion(world.table, { ...WISH, version: '1' });
    expect(await sweepVersion(deps, versions[0]!)).toEqual({ outcome: 'kept' });
    expect(await world.curated.head(keyOf('a'))).toBeDefined();
  });

  test('ends an erasure that died, also where nothing expires', async () => {
    const world = await threeVersions();
    await deleteVersion(world.table, { ...WISH, version: '1' });
    await eraseVersion(eraseDeps(world), { ...NAMED, number: 1 });
    expect(await sweep(world, later(1))).toEqual([1]);
    expect(await world.curated.head(keyOf('a'))).toBeUndefined();
  });
});

describe('a deletion that is cut off', () => {
  const storesOf = (world: Stores, faultOf: () => Fault): Stores => ({
    table: faulty(world.table, faultOf),
    curated: faulty(world.curated, faultOf),
  });
  const deleted = async (stores: Stores) => {
    await deleteVersion(stores.table, { ...WISH, version: '1' });
    await erase(stores, 1);
  };
  const stateOf = ({ table, curated }: Awaited<ReturnType<typeof threeVersions>>) => ({
    items: table
      .items()
      .filter(({ pk }) => !pk.includes('#outbox#') && !pk.includes('#ingestion#') && !pk.includes('#raw-object#'))
      .filter(({ sk }) => !sk.includes('raw-object'))
      .map((item) => ('actor' in item && item['action'] === 'dataset-version-registered' ? item.sk : item))
      .map((item) => JSON.stringify(item).replaceAll(/"(hash|previous)":"[^"]+"/g, ''))
      .sort(),
    objects: curated.keys(),
  });

  test.each(['before', 'after'] as const)('%s any call, and begun again, is the same deletion', async (fault) => {
    const whole = await threeVersions();
    let calls = 0;
    await deleted(storesOf(whole, () => void calls++ as undefined));
    expect(calls).toBeGreaterThan(20);
    for (let at = 0; at < calls; at++) {
      const world = await threeVersions();
      let call = 0;
      const stores = storesOf(world, () => (call++ === at ? fault : undefined));
      await deleted(stores).catch((error) => {
        if (!(error instanceof AnswerLost)) throw error;
        return deleted(stores);
      });
      expect(stateOf(world)).toEqual(stateOf(whole));
      expect((await verifySubject(world.table, datasetRef('default', 'things'))).intact).toBe(true);
    }
  });
});
