import { setTimeout as sleep } from 'node:timers/promises';
import { AthenaClient, GetWorkGroupCommand } from '@aws-sdk/client-athena';
import { GetTableCommand, GlueClient } from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { glueCatalogue } from '../../../lambdas/data/aws/glue-catalogue.ts';
import { curatedKey, DataRoutes } from '../../../lambdas/data/contract.ts';
import type { SqlTable } from '../../../lambdas/data/sql-tables.ts';
import { weatherCsv } from '../../builders/dataset.ts';
import { dataCloud } from './data-cloud.ts';

const cloud = dataCloud();
const settings = {
  endpoint: cloud.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};
const glue = new GlueClient(settings);
const athena = new AthenaClient(settings);
afterAll(() => {
  glue.destroy();
  athena.destroy();
});

const DatabaseName = `millrace_${cloud.stage}__${cloud.workspace.replaceAll('-', '_')}`;
const shown = async (Name: string) =>
  (await glue.send(new GetTableCommand({ DatabaseName, Name })).catch(() => undefined))?.Table;

/** Asks until there is an answer. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(50);
  }
}

beforeAll(async () => {
  await cloud.createDataset();
  await cloud.ingested(weatherCsv({ location: 'Seattle', from: '2014-12-01', to: '2015-01-31' }));
  await cloud.ingested(weatherCsv({ location: 'New York', from: '2014-12-01', to: '2014-12-31' }));
}, 120_000);

describe('a registered version', () => {
  test('is a table of exactly its files to learn from', async () => {
    const table = await until(async () => {
      const found = await shown('weather');
      return found?.Parameters?.['millrace.number'] === '2' ? found : undefined;
    });
    const { manifest } = await cloud.api.call(DataRoutes.showVersion, { dataset: 'weather', version: 'latest' });
    const location = `s3://${cloud.curated.bucket}/${cloud.workspace}/weather/links/2/`;
    expect(table.StorageDescriptor).toMatchObject({
      Location: location,
      InputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
    });
    const list = await cloud.curated.get(`${cloud.workspace}/weather/links/2/files`);
    const wanted = manifest.files
      .filter(({ split }) => split === 'train')
      .map((file) => `s3://${cloud.curated.bucket}/${curatedKey(manifest, file)}\n`);
    expect(Buffer.from(list as Uint8Array).toString()).toBe(wanted.join(''));
    expect(wanted).toHaveLength(2);
    expect((await until(() => shown('_versions_of_weather'))).PartitionKeys).toMatchObject([{ Name: '_version' }]);
  }, 60_000);
});

describe('a table in Glue', () => {
  const table = (number: number): SqlTable => ({
    database: DatabaseName,
    name: 'forward_only',
    description: '',
    columns: [{ name: 'a', type: 'double' }],
    partitions: [],
    location: `s3://bucket/${number}/`,
    parameters: { 'millrace.number': String(number) },
    number,
  });

  test('is made once, and moved forward only', async () => {
    const catalogue = glueCatalogue(glue);
    await catalogue.ensureDatabase(DatabaseName);
    await catalogue.ensureDatabase(DatabaseName);
    const said: string[] = [];
    for (const number of [2, 2, 1, 3]) said.push(await catalogue.advance(table(number)));
    expect(said).toEqual(['made', 'stayed', 'stayed', 'moved']);
    expect((await shown('forward_only'))?.StorageDescriptor?.Location).toBe('s3://bucket/3/');
  });
});

describe('a query for the SQL engine', () => {
  test('is started with a session of the workspace, and is nobody else’s', async () => {
    const token = 'f0f0f0f0-0000-4000-8000-000000000000';
    // The start alone: the emulator sees no workgroup in the calls after it, and so refuses them to a role that has one.
    const { queryId } = await cloud.api.call(DataRoutes.startQuery, { sql: 'SELECT 1', token });
    expect(queryId).toMatch(/^[0-9a-f-]{36}$/);
    const elsewhere = cloud.api.call(DataRoutes.showQuery, { queryId: 'ffffffff-0000-4000-8000-000000000000' });
    await expect(elsewhere).rejects.toMatchObject({ name: 'QueryMissing' });
  });

  test('has a workgroup whose limits no query can change', async () => {
    const { WorkGroup } = await athena.send(new GetWorkGroupCommand({ WorkGroup: `millrace-${cloud.stage}` }));
    expect(WorkGroup).toMatchObject({ Configuration: { EnforceWorkGroupConfiguration: true } });
  });
});
