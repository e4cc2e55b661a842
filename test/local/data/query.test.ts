import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { queryDatasets } from '../../../bin/query/query-datasets.ts';
import { curatedKey, DataRoutes, type Manifest } from '../../../lambdas/data/contract.ts';
import { weatherCsv } from '../../builders/dataset.ts';
import { dataCloud } from './data-cloud.ts';

const cloud = dataCloud();
const cache = mkdtempSync(join(tmpdir(), 'millrace-test-cache-'));
const query = (sql: string) =>
  queryDatasets({ client: async () => cloud.api, cache, progress: () => {} }, { sql, limit: 100 });

let manifest: Manifest;
beforeAll(async () => {
  await cloud.createDataset();
  await cloud.ingested(weatherCsv({ location: 'Seattle', from: '2014-12-01', to: '2015-01-31' }));
  await cloud.ingested(weatherCsv({ location: 'New York', from: '2014-12-01', to: '2014-12-31' }));
  manifest = (await cloud.api.call(DataRoutes.showVersion, { dataset: cloud.dataset, version: 'latest' })).manifest;
}, 120_000);

describe('a query', () => {
  test('sees what a version has to learn from, and no row that is held out', async () => {
    const answer = await query(
      'select location, count(*) as days, max(date) as last from weather group by all order by 1',
    );
    expect(answer).toMatchObject({
      rows: [
        ['New York', 31, '2014-12-31'],
        ['Seattle', 31, '2014-12-31'],
      ],
      datasets: [{ dataset: 'weather', number: 2, rows: 62 }],
    });
    expect((await query('select count(*) from "weather@1"')).rows).toEqual([[31]]);
  });

  test('finds its dataset by a search', async () => {
    const found = await cloud.api.call(DataRoutes.searchDatasets, { words: 'weather', column: 'wind' });
    expect(found).toMatchObject({
      datasets: [{ dataset: 'weather', subject: false, latest: { number: 2, rows: 93 } }],
    });
    expect(await cloud.api.call(DataRoutes.searchDatasets, { subject: 'true' })).toEqual({ datasets: [] });
  });
});

describe('a row that is held out', () => {
  const keyOf = (split: string) => {
    const file = manifest.files.find((each) => each.split === split);
    return curatedKey(manifest, file as Manifest['files'][number]);
  };
  const Bucket = `millrace-${cloud.stage}-curated-000000000000-us-east-1`;

  /** Reads with a function's own role. */
  async function readAs(handler: string, Key: string): Promise<string> {
    const FunctionName = `millrace-${cloud.stage}-${handler}`;
    const { Role } = await cloud.aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const settings = { endpoint: cloud.endpoint, region: 'us-east-1' };
    const sts = new STSClient({ ...settings, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: Role, RoleSessionName: 'look' }));
    const s3 = new S3Client({
      ...settings,
      forcePathStyle: true,
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken,
      },
    });
    const read = s3.send(new GetObjectCommand({ Bucket, Key })).then(
      async ({ Body }) => ((await Body?.transformToByteArray())?.length ? 'read' : 'empty'),
      (error: Error) => error.name,
    );
    return read.finally(() => {
      for (const client of [sts, s3]) client.destroy();
    });
  }

  test('is refused by the route', async () => {
    const asked = cloud.api.call(DataRoutes.listFiles, { dataset: 'weather', version: 'latest', split: 'test' });
    await expect(asked).rejects.toMatchObject({ name: 'HeldOutRefused', kind: 'denied' });
  });

  test.each([
    ['data-api', 'read', 'AccessDenied'],
    ['training-tasks', 'read', 'AccessDenied'],
    ['training-release', 'AccessDenied', 'AccessDenied'],
    ['training-evaluate', 'read', 'read'],
    ['data-ingest', 'read', 'read'],
  ])('the role of %s gets train: %s, held out: %s', async (handler, train, heldOut) => {
    expect([await readAs(handler, keyOf('train')), await readAs(handler, keyOf('test'))]).toEqual([train, heldOut]);
  });
});
