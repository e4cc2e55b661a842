import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verified } from '../../../bin/commands/data-versions.ts';
import { s3ObjectProof } from '../../../lambdas/data/aws/s3-object-proof.ts';
import { objectKey } from '../../../lambdas/data/collection.ts';
import { DataRoutes } from '../../../lambdas/data/contract.ts';
import { verifyVersion } from '../../../lambdas/data/verify-version.ts';
import { s3Erasable } from '../../../lambdas/shared/aws/s3-erasable.ts';
import { digestOf } from '../../../lambdas/shared/digest.ts';
import { aCollectionSpec } from '../../builders/collection.ts';
import { weatherCsv } from '../../builders/dataset.ts';
import { dataCloud } from './data-cloud.ts';

const cloud = dataCloud();
const { api, dataset, workspace } = cloud;
const verify = (version: string) => verified(api, { dataset, version }, () => {});
const zone = () => s3Erasable(cloud.curated.bucket, cloud.aws.s3);
const deleteVersion = (version: string, evenIfUsed = false) =>
  api.call(DataRoutes.deleteVersion, { dataset, version, reason: 'a test', evenIfUsed });

beforeAll(async () => {
  await cloud.createDataset();
  for (const location of ['Seattle', 'New York']) {
    const ended = await cloud.ingested(weatherCsv({ location, from: '2014-12-01', to: '2015-01-31' }));
    expect(ended).toMatchObject({ status: 'succeeded' });
  }
});
afterAll(() => cloud.aws.destroy());

describe('the versions of a dataset', () => {
  test('are named by tags wherever a version is named', async () => {
    await api.call(DataRoutes.tagVersion, { dataset, version: '1', tag: 'prod-training' });
    await expect(api.call(DataRoutes.showVersion, { dataset, version: 'prod-training' })).resolves.toMatchObject({
      number: 1,
    });
    await api.call(DataRoutes.tagVersion, { dataset, version: 'latest', tag: 'prod-training' });
    await expect(api.call(DataRoutes.showProfile, { dataset, version: 'prod-training' })).resolves.toBeDefined();
    expect((await cloud.versions()).map(({ number, tags }) => [number, tags])).toEqual([
      [2, ['prod-training']],
      [1, []],
    ]);
  });

  test('are proved byte by byte, rows that are held out too, by somebody who may not read those', async () => {
    const { manifest } = await api.call(DataRoutes.showVersion, { dataset, version: '2' });
    expect(manifest.files.map(({ split }) => split).sort()).toEqual(['test', 'test', 'train', 'train']);
    expect(await verify('latest')).toMatchObject({
      ...{ findings: [], number: 2, young: 0 },
      checked: { files: 4, bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0) },
    });
    for (const split of ['train', 'test']) {
      const file = manifest.files.find((each) => each.split === split);
      const key = `${workspace}/${dataset}/${file?.path}`;
      const bytes = (await cloud.curated.get(key)) as Uint8Array;
      const other = Buffer.from(bytes);
      other[100] = (other[100] as number) ^ 1;
      await cloud.curated.put(key, other);
      expect((await verify('2')).findings).toEqual([
        { kind: 'changed', key, expected: file?.sha256, found: digestOf(other) },
      ]);
      await zone().erase(await zone().versionsBelow(key));
      expect((await verify('2')).findings).toEqual([
        { kind: 'missing', key, expected: file?.sha256, found: 'nothing' },
      ]);
      await cloud.curated.put(key, bytes);
      expect((await verify('2')).findings).toEqual([]);
    }
  });

  test('are told from what was added beside them, once that is older than an ingestion takes', async () => {
    const strays = ['test', 'train'].map((split) => `${workspace}/${dataset}/${split}/stray.parquet`);
    for (const key of strays) await cloud.curated.put(key, 'stray');
    expect(await verify('2')).toMatchObject({ findings: [], young: 2 });
    const clock = () => new Date(Date.now() + 2 * 3_600_000);
    const deps = { table: cloud.catalogue, curated: cloud.curated, clock, budgetMs: 8 * 3_600_000 };
    const { findings } = await verifyVersion(deps, { workspace, dataset, version: '2' });
    expect(findings.map(({ kind, key }) => [kind, key])).toEqual(strays.map((key) => ['added', key]));
    for (const key of strays) await zone().erase(await zone().versionsBelow(key));
  });

  test('miss their quality report and their profile', async () => {
    const { qualityKey, profileKey } = await api.call(DataRoutes.showVersion, { dataset, version: '2' });
    for (const key of [profileKey, qualityKey]) {
      const bytes = (await cloud.curated.get(key)) as Uint8Array;
      await zone().erase(await zone().versionsBelow(key));
      expect((await verify('2')).findings).toMatchObject([{ kind: 'missing', key }]);
      await cloud.curated.put(key, bytes);
    }
    expect((await verify('2')).findings).toEqual([]);
  });

  test('are not proved where the question is none', async () => {
    const ask = (version: string, cursor?: string) =>
      api.call(DataRoutes.verifyVersion, { dataset, version, ...(cursor && { cursor }) });
    await expect(ask('7')).rejects.toMatchObject({ name: 'DatasetVersionMissing' });
    await expect(ask('1', 'e30')).rejects.toMatchObject({ name: 'InvalidInput' });
  });

  test('go when they are deleted, except for what others share, and lineage keeps them', async () => {
    await api.call(DataRoutes.pinVersion, { dataset, version: '1', reason: 'audit' });
    await expect(deleteVersion('1')).rejects.toMatchObject({ name: 'DatasetVersionKept' });
    await api.call(DataRoutes.unpinVersion, { dataset, version: '1', reason: 'over' });
    const { profileKey, manifestKey, manifest } = await api.call(DataRoutes.showVersion, { dataset, version: '1' });
    await expect(deleteVersion('1')).resolves.toMatchObject({ number: 1, deleted: { reason: 'a test' } });
    await expect(verify('1')).rejects.toMatchObject({ name: 'DatasetVersionDeleted' });
    let one: Awaited<ReturnType<typeof cloud.versions>>[number] | undefined;
    for (let i = 0; i < 300 && !one?.deleted?.erasedAt; i++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      one = (await cloud.versions()).find(({ number }) => number === 1);
    }
    expect(one?.deleted).toMatchObject({ by: expect.any(String), erasedAt: expect.any(String), objects: 1 });
    expect(await zone().versionsBelow(profileKey)).toEqual([]);
    expect(await cloud.curated.head(manifestKey)).toBeDefined();
    for (const { path } of manifest.files)
      expect(await cloud.curated.head(`${workspace}/${dataset}/${path}`)).toBeDefined();
    expect((await verify('latest')).findings).toEqual([]);
  });
});

describe('an object of a collection', () => {
  const collection = 'things';
  const object = (text: string) => ({ sha256: digestOf(text), bytes: Buffer.byteLength(text) });
  const announce = async (text: string) =>
    (await api.call(DataRoutes.announceObjects, { dataset: collection, objects: [object(text)] })).missing;

  test('is asked for until it is there with its own bytes', async () => {
    const spec = JSON.stringify(aCollectionSpec());
    await api.call(DataRoutes.createDataset, { dataset: collection, spec });
    const [upload] = await announce('picture');
    if (!upload) throw new Error('nothing is missing');
    const { url, method, headers } = upload;
    const other = await fetch(url, { method, headers, body: 'pictur3' });
    // What S3 refuses as it comes, or a later look would: other bytes never count.
    if (other.ok) expect(await announce('picture')).toHaveLength(1);
    else expect(other.status).toBe(400);
    const named = { workspace, dataset: collection };
    if (other.ok) await zone().erase(await zone().versionsBelow(objectKey(named, digestOf('picture'))));
    expect((await fetch(url, { method, headers, body: 'picture' })).status).toBe(200);
    expect(await announce('picture')).toEqual([]);
    const prove = s3ObjectProof(cloud.curated.bucket, cloud.aws.s3);
    const key = objectKey(named, digestOf('picture'));
    expect(await prove(key, object('picture'))).toBe(true);
    expect(await prove(key, object('pictur3'))).toBe(false);
  });

  test('that came without a checksum is read, and one that is not there is no object', async () => {
    const prove = s3ObjectProof(cloud.curated.bucket, cloud.aws.s3);
    const Key = `${workspace}/plain`;
    await cloud.aws.s3.send(new PutObjectCommand({ Bucket: cloud.curated.bucket, Key, Body: 'plain' }));
    expect(await prove(Key, object('plain'))).toBe(true);
    expect(await prove(Key, object('plai2'))).toBe(false);
    expect(await prove(`${Key}-not`, object('plain'))).toBe(false);
  });
});
