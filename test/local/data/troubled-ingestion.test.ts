import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteFunctionConcurrencyCommand, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { curatedKey, datasetRef, readManifest } from '../../../lambdas/data/contract.ts';
import { verifySubject } from '../../../lambdas/lineage/graph.ts';
import { weatherCsv } from '../../builders/dataset.ts';
import { dataCloud } from './data-cloud.ts';
import { killWorkers } from './workers.ts';

const cloud = dataCloud();
const INGEST = `millrace-${cloud.stage}-data-ingest`;
const month = (name: string) => weatherCsv({ location: 'Seattle', from: `${name}-01`, to: `${name}-31` });

beforeAll(async () => {
  await cloud.createDataset();
  await cloud.ingested(month('2012-01'));
});

async function machine() {
  const { stateMachines = [] } = await cloud.aws.sfn.send(new ListStateMachinesCommand({}));
  return stateMachines.find(({ name }) => name === `millrace-${cloud.stage}-data-ingest-dataset`)?.stateMachineArn;
}

/** Starts the workflow by hand and waits for its end. */
async function execution(input: unknown) {
  const { executionArn } = await cloud.aws.sfn.send(
    new StartExecutionCommand({ stateMachineArn: await machine(), input: JSON.stringify(input) }),
  );
  for (;;) {
    const end = await cloud.aws.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (end.status !== 'RUNNING') return end;
    await sleep(50);
  }
}

describe('a worker that dies', () => {
  test.each([
    ['2012-02', 29, 0],
    ['2012-03', 31, 60],
    ['2012-04', 30, 120],
    ['2012-05', 31, 200],
    ['2012-06', 30, 300],
  ])('while %s is taken (%i rows, after %i ms) loses nothing and does nothing twice', async (name, rows, after) => {
    const before = (await cloud.versions())[0];
    const content = month(name);
    const upload = await cloud.createUpload(content.length);
    await cloud.put(upload, content);
    while ((await cloud.shown(upload.uploadId)).status === 'waiting') await sleep(5);
    await sleep(after);
    killWorkers(cloud.endpoint, INGEST);
    expect(await cloud.ended(upload.uploadId)).toMatchObject({ status: 'succeeded', rows, unchanged: false });
    const now = (await cloud.versions())[0];
    expect(now).toMatchObject({ number: (before?.number ?? 0) + 1, rows: (before?.rows ?? 0) + rows });
    const ledger = await verifySubject(cloud.catalogue, datasetRef(cloud.workspace, cloud.dataset));
    expect(ledger).toMatchObject({ intact: true, entries: (now?.number ?? 0) + 1 });
  });
});

test('an execution that is stopped leaves a file that can be told of again', async () => {
  const content = month('2012-09');
  const upload = await cloud.createUpload(content.length);
  await cloud.put(upload, content);
  while ((await cloud.shown(upload.uploadId)).status === 'waiting') await sleep(5);
  const { executions = [] } = await cloud.aws.sfn.send(
    new ListExecutionsCommand({ stateMachineArn: await machine(), statusFilter: 'RUNNING' }),
  );
  const inputs = await Promise.all(
    executions.map(async ({ executionArn }) => {
      const { input = '{}' } = await cloud.aws.sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (input.includes(upload.key)) await cloud.aws.sfn.send(new StopExecutionCommand({ executionArn }));
      return JSON.parse(input) as { detail: { object: { key: string } } };
    }),
  );
  const event = inputs.find(({ detail }) => detail.object.key === upload.key);
  expect(await execution(event)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await cloud.shown(upload.uploadId)).toMatchObject({ status: 'succeeded', rows: 30 });
});

test('a function that is refused for a while is called again', async () => {
  const refusing = { FunctionName: INGEST, ReservedConcurrentExecutions: 0 };
  const content = month('2012-07');
  const upload = await cloud.createUpload(content.length);
  await cloud.aws.lambda.send(new PutFunctionConcurrencyCommand(refusing));
  try {
    await cloud.put(upload, content);
    await sleep(1000);
    expect(await cloud.shown(upload.uploadId)).toMatchObject({ status: 'waiting' });
  } finally {
    await cloud.aws.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: INGEST }));
  }
  expect(await cloud.ended(upload.uploadId)).toMatchObject({ status: 'succeeded', rows: 31 });
});

test('a file of the dataset that was changed in S3 stops the ingestion by name, and the file can come again', async () => {
  const [latest] = await cloud.versions();
  const manifest = await readManifest(cloud.curated, latest!);
  const key = curatedKey(manifest, manifest.files[0]!);
  const bytes = (await cloud.curated.get(key)) as Uint8Array;
  await cloud.curated.put(key, 'other bytes');
  const content = month('2012-08');
  const stopped = await cloud.ingested(content);
  expect(stopped).toMatchObject({ status: 'failed', error: { name: 'CuratedFileDamaged' } });
  expect(stopped.error?.message).toContain(key);
  expect((await cloud.versions())[0]).toEqual(latest);

  await cloud.curated.put(key, bytes);
  const object = { key: stopped.key, size: content.length, etag: 'again' };
  const { status, output } = await execution({ detail: { object } });
  expect({ status, output: JSON.parse(output ?? '{}') }).toMatchObject({
    status: 'SUCCEEDED',
    output: { status: 'succeeded', ingestion: { rows: 31 } },
  });
  expect(await cloud.shown(stopped.uploadId)).toMatchObject({ status: 'succeeded' });
});

test('an execution for what is no object fails, and says that there was nothing to record it on', async () => {
  const end = await execution({ detail: { object: { key: 'lost', size: 'large', etag: 'e' } } });
  expect(end).toMatchObject({ status: 'FAILED', error: 'FailureNotRecorded' });
  expect(end.cause).toMatch(/InvalidInput/);
});

test('an object at a key that names no dataset is refused, and the execution says why', async () => {
  const { status, output } = await execution({ detail: { object: { key: 'lost.csv', size: 3, etag: 'e' } } });
  expect({ status, output: JSON.parse(output ?? '{}') }).toMatchObject({
    status: 'SUCCEEDED',
    output: { status: 'refused', error: { name: 'RawKeyInvalid' } },
  });
});
