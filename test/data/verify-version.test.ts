import { describe, expect, test } from '@jest/globals';
import { deleteVersion } from '../../lambdas/data/delete-version.ts';
import { eraseVersion } from '../../lambdas/data/erase-version.ts';
import { type Finding, verifyVersion } from '../../lambdas/data/verify-version.ts';
import { versionRowKey } from '../../lambdas/data/versions.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import type { Item } from '../../lambdas/shared/table.ts';
import {
  ACT,
  aDatasetOfSnapshots,
  aSnapshot,
  eraseDeps,
  fileOf,
  keyOf,
  NAMED,
  NOW,
  type Stores,
} from '../builders/versions.ts';

const later = (minutes: number) => new Date(Date.parse(NOW) + minutes * 60_000);

/** All pages of a verification, each as short as can be. */
async function verified({ table, curated }: Stores, version = 'latest', now = later(120), budgetMs = 0) {
  const all = { findings: [] as Finding[], files: 0, bytes: 0, listed: 0, young: 0, pages: 0 };
  let cursor: string | undefined;
  do {
    const page = await verifyVersion(
      { table, curated, clock: () => now, budgetMs },
      { ...NAMED, version, ...(cursor !== undefined && { cursor }) },
    );
    all.findings.push(...page.findings);
    all.files += page.checked.files;
    all.bytes += page.checked.bytes;
    all.listed += page.checked.listed;
    all.young += page.young;
    all.pages++;
    cursor = page.next;
  } while (cursor !== undefined && all.pages < 100);
  return all;
}

async function twoVersions() {
  const world = await aDatasetOfSnapshots();
  const one = await aSnapshot(world, ['a', 'bb']);
  const two = await aSnapshot(world, ['bb', 'ccc']);
  return { ...world, one, two };
}

/** As an ingestion that reported on its file leaves it. */
async function withQuality({ table }: Stores, qualityKey: string) {
  const { workspace, dataset } = NAMED;
  const row = await table.get(versionRowKey(workspace, dataset, 2));
  await table.transact([{ put: { ...(row as Item), qualityKey } }]);
}

describe('a verification', () => {
  test('of what is whole reads every byte and finds nothing, in many pages or in one', async () => {
    const world = await twoVersions();
    for (const budget of [0, 60_000]) {
      const { pages, ...found } = await verified(world, 'latest', later(120), budget);
      expect(found).toEqual({ findings: [], files: 2, bytes: 5, listed: 5, young: 0 });
      if (budget === 0) expect(pages).toBeGreaterThan(4);
    }
    // The clock of the test stands still, so the budget of the other never ends.
    expect((await verified(world, '1', later(120), 60_000)).pages).toBe(1);
  });

  test('finds a changed, a missing and an added object, and says what was expected and what is there', async () => {
    const world = await twoVersions();
    await world.curated.put(keyOf('bb'), 'bX');
    world.curated.remove(keyOf('ccc'));
    await world.curated.put('default/things/train/stray.parquet', 'stray');
    await world.curated.put('default/things/manifests/other/one.json', '{}');
    const { findings } = await verified(world);
    expect(findings).toEqual([
      { kind: 'changed', key: keyOf('bb'), expected: fileOf('bb').sha256, found: digestOf('bX') },
      { kind: 'missing', key: keyOf('ccc'), expected: fileOf('ccc').sha256, found: 'nothing' },
      expect.objectContaining({ kind: 'added', key: 'default/things/manifests/other/one.json' }),
      expect.objectContaining({ kind: 'added', key: 'default/things/train/stray.parquet', found: `5 bytes of ${NOW}` }),
    ]);
  });

  test('tells bytes that were changed from a size that the manifest has wrong', async () => {
    const world = await twoVersions();
    await world.curated.put(keyOf('bb'), 'bbb');
    expect((await verified(world)).findings).toMatchObject([{ kind: 'changed', found: digestOf('bbb') }]);
  });

  test('counts young strangers and does not call them added: an ingestion writes before it registers', async () => {
    const world = await twoVersions();
    await world.curated.put('default/things/train/soon.parquet', 'soon');
    expect(await verified(world, 'latest', later(59))).toMatchObject({ findings: [], young: 1 });
    expect(await verified(world, 'latest', later(61))).toMatchObject({ findings: [{ kind: 'added' }], young: 0 });
  });

  test('of a damaged manifest says so, and compares what lies there no further than it is known', async () => {
    const world = await twoVersions();
    await world.curated.put(world.two.manifestKey, '{}');
    expect((await verified(world)).findings).toMatchObject([{ kind: 'damaged', key: world.two.manifestKey }]);
    expect((await verified(world, '1')).findings).toMatchObject([
      { kind: 'damaged', key: world.two.manifestKey, expected: 'the manifest of another version' },
    ]);
    world.curated.remove(world.two.manifestKey);
    expect((await verified(world)).findings).toMatchObject([{ kind: 'missing', key: world.two.manifestKey }]);
  });

  test('misses the profile', async () => {
    const world = await twoVersions();
    world.curated.remove(world.two.profileKey);
    expect((await verified(world)).findings).toMatchObject([{ kind: 'missing', key: world.two.profileKey }]);
  });

  test('misses the quality report, where the file that made the version has one', async () => {
    const world = await twoVersions();
    expect(world.two.qualityKey).toBe('');
    const qualityKey = 'default/things/quality/an-upload.json';
    await withQuality(world, qualityKey);
    expect((await verified(world)).findings).toMatchObject([{ kind: 'missing', key: qualityKey }]);
    await world.curated.put(qualityKey, '{}');
    expect((await verified(world)).findings).toEqual([]);
  });

  test('knows what other versions name, and no longer what an erased one named', async () => {
    const world = await twoVersions();
    await deleteVersion(world.table, { ...NAMED, ...ACT, version: '1', reason: 'old' });
    for (let outcome = 'more'; outcome === 'more'; )
      outcome = (await eraseVersion(eraseDeps(world), { ...NAMED, number: 1 })).outcome;
    expect((await verified(world)).findings).toEqual([]);
    await world.curated.put(keyOf('a'), 'a');
    expect((await verified(world)).findings).toMatchObject([{ kind: 'added', key: keyOf('a') }]);
    await expect(verified(world, '1')).rejects.toMatchObject({ name: 'DatasetVersionDeleted' });
  });

  test.each(['', 'x', 'e30', Buffer.from('{"step":"files","file":-1,"row":0}').toString('base64url')])(
    'refuses the cursor %j',
    async (cursor) => {
      const { table, curated } = await twoVersions();
      const deps = { table, curated, clock: () => later(0), budgetMs: 0 };
      await expect(verifyVersion(deps, { ...NAMED, version: '1', cursor })).rejects.toMatchObject({
        name: 'InvalidInput',
      });
    },
  );
});
