import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pinVersion, tagVersion, untagVersion } from '../../lambdas/data/name-version.ts';
import { recordImport } from '../../lambdas/data/record-import.ts';
import { requireVersion, VersionName } from '../../lambdas/data/resolve-version.ts';
import { datasetRef, datasetVersionRef } from '../../lambdas/data/versions.ts';
import { listVersions } from '../../lambdas/data/views.ts';
import { readLedger } from '../../lambdas/lineage/contract.ts';
import { walk } from '../../lambdas/lineage/graph.ts';
import { ACT, aDatasetOfSnapshots, aSnapshot, NAMED } from '../builders/versions.ts';

const DATASET = datasetRef('default', 'things');

async function twoVersions() {
  const world = await aDatasetOfSnapshots();
  await aSnapshot(world, ['a']);
  await aSnapshot(world, ['b']);
  const { table } = world;
  const tag = (version: string, name = 'prod') => tagVersion(table, { ...NAMED, ...ACT, version, tag: name });
  const numberOf = async (version: string) => (await requireVersion(table, { ...NAMED, version })).number;
  const actions = async () => (await readLedger(table, DATASET)).map(({ action }) => action).slice(3);
  return { ...world, tag, numberOf, actions };
}

describe('a tag', () => {
  test('names a version until it moves or is taken off', async () => {
    const { table, tag, numberOf, actions } = await twoVersions();
    await tag('1');
    expect(await numberOf('prod')).toBe(1);
    await tag('2');
    expect(await numberOf('prod')).toBe(2);
    const { versions } = await listVersions(table, NAMED);
    expect(versions.map(({ tags }) => tags)).toEqual([['prod'], []]);
    await untagVersion(table, { ...NAMED, ...ACT, tag: 'prod' });
    await expect(numberOf('prod')).rejects.toMatchObject({ name: 'DatasetVersionMissing' });
    await expect(untagVersion(table, { ...NAMED, ...ACT, tag: 'prod' })).rejects.toMatchObject({ name: 'TagMissing' });
    await tag('prod-none').catch(() => {});
    expect(await actions()).toEqual(['dataset-version-tagged', 'dataset-version-tagged', 'dataset-version-untagged']);
  });

  test('that is there already is said once', async () => {
    const { tag, actions } = await twoVersions();
    await tag('1');
    await tag('1');
    expect(await actions()).toEqual(['dataset-version-tagged']);
  });

  test('of many who move it at once ends on one version, whose list has it, and no other', async () => {
    const { table, tag, numberOf } = await twoVersions();
    await Promise.all(Array.from({ length: 8 }, (_, i) => tag(String((i % 2) + 1))));
    const { versions } = await listVersions(table, NAMED);
    const having = versions.filter(({ tags }) => tags.includes('prod')).map(({ number }) => number);
    expect(having).toEqual([await numberOf('prod')]);
  });

  test.each(['latest', '7', `sha256:${'a'.repeat(64)}`, 'Prod', '', '-a', 'a b', 'a'.repeat(64)])(
    'is not named %j',
    async (name) => {
      const { tag } = await twoVersions();
      await expect(tag('1', name)).rejects.toMatchObject({ name: 'TagInvalid' });
    },
  );

  test('is never taken for a number, a digest or latest', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9:.-]{1,70}$/)), (text) => {
        const ways = [/^latest$/, /^[1-9]\d{0,11}$/, /^sha256:[0-9a-f]{64}$/, /^(?!latest$)[a-z][a-z0-9._-]{0,62}$/];
        const matching = ways.filter((way) => way.test(text)).length;
        expect(matching).toBeLessThanOrEqual(1);
        expect(VersionName.safeParse(text).success).toBe(matching === 1);
      }),
    );
  });
});

test('a pin is said once for the same reason, and again for another', async () => {
  const { table, actions } = await twoVersions();
  const pin = (reason: string) => pinVersion(table, { ...NAMED, ...ACT, version: '1', reason });
  await pin('audit');
  await pin('audit');
  expect((await pin('court')).pin).toEqual({ at: ACT.at, by: 'ann', reason: 'court' });
  expect(await actions()).toEqual(['dataset-version-pinned', 'dataset-version-pinned']);
});

describe('the origin of an import', () => {
  const origin = {
    pointer: 'data/x.csv.dvc',
    path: 'x.csv',
    md5: 'e5ebd4c02cefbe7955977c67ada242b7',
    commit: 'c'.repeat(40),
  };
  const uploadOf = (table: Awaited<ReturnType<typeof twoVersions>>['table'], number: number) =>
    table.items().find((item) => item.pk.includes('#ingestion#') && item['number'] === number)?.['uploadId'] as string;

  test('is an edge of the version and one entry of the ledger, however often it is told', async () => {
    const { table, actions } = await twoVersions();
    const told = { ...NAMED, ...ACT, uploadId: uploadOf(table, 1), origin };
    const first = await recordImport(table, told);
    expect(await recordImport(table, told)).toEqual(first);
    const { version } = await requireVersion(table, { ...NAMED, version: '1' });
    const { nodes } = await walk(table, datasetVersionRef('default', 'things', version), { direction: 'upstream' });
    expect(nodes.find(({ ref }) => ref === first.pointer)?.fact).toMatchObject({ ...origin, dirty: null });
    expect(await actions()).toEqual(['dataset-version-imported']);
  });

  test('of an upload that is none, or in no version yet, is refused', async () => {
    const { table } = await twoVersions();
    await expect(recordImport(table, { ...NAMED, ...ACT, uploadId: 'none', origin })).rejects.toMatchObject({
      name: 'UploadMissing',
    });
    const uploadId = uploadOf(table, 1);
    const item = table.items().find((each) => each['uploadId'] === uploadId && each.sk === 'fact')!;
    await table.transact([{ put: { ...item, status: 'running' } }]);
    await expect(recordImport(table, { ...NAMED, ...ACT, uploadId, origin })).rejects.toMatchObject({
      name: 'ImportUnfinished',
    });
  });
});
