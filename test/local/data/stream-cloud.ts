import { randomBytes } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { apiClient } from '../../../bin/client/api-client.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../../bin/local/aws-clients.ts';
import { DataErrors, DataRoutes, type IngestionView } from '../../../lambdas/data/contract.ts';
import { dynamoTable } from '../../../lambdas/shared/aws/dynamo-table.ts';
import { s3Objects } from '../../../lambdas/shared/aws/s3-objects.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

/** Readings of instruments, by day: a key, and a partition that late ones join. */
const spec = (dataset: string) => ({
  schema: 'millrace/dataset/1',
  dataset,
  owner: 'tests',
  columns: {
    id: { type: 'string', role: 'key' },
    day: { type: 'date', role: 'feature' },
    value: { type: 'double', role: 'feature', min: 0 },
  },
  partition: { by: 'day', every: 'day' },
  split: { by: 'id', testPercent: 10 },
  stream: { flushSeconds: 10 },
});

export interface Reading {
  id: string;
  day: string;
  value: number;
}

/** A dataset of readings on the shared cloud: the stream's in the stage's workspace, every other in one of its own. */
export function streamCloud({ workspace = `stream-${randomBytes(6).toString('hex')}` }: { workspace?: string } = {}) {
  const cloud = cloudUnderTest();
  const api = apiClient({ ...cloud.api.connection, workspace });
  const dataset = 'readings';
  const raw = s3Objects(`millrace-${cloud.stage}-raw-000000000000-us-east-1`, cloud.aws.s3);
  const buffer = dynamoTable(`millrace-${cloud.stage}-records`, cloud.aws.dynamodb);
  const kinesis = new AwsClient({ ...LOCAL_CREDENTIALS, region: LOCAL_REGION, service: 'kinesis' });
  return {
    ...cloud,
    api,
    workspace,
    dataset,
    raw,
    createDataset: () => api.call(DataRoutes.createDataset, { dataset, spec: JSON.stringify(spec(dataset)) }),
    send: (records: unknown[]) => api.call(DataRoutes.sendRecords, { dataset, records }),
    /** Puts records into the stream, all into one shard, in this order. */
    async put(records: readonly (string | Uint8Array)[]): Promise<void> {
      const Records = records.map((data) => ({
        Data: Buffer.from(data as string).toString('base64'),
        PartitionKey: 'one',
      }));
      const answer = await kinesis.fetch(cloud.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'Kinesis_20131202.PutRecords',
        },
        body: JSON.stringify({ StreamName: `millrace-${cloud.stage}-${dataset}`, Records }),
      });
      if (!answer.ok) throw new Error(`the stream answered ${answer.status}: ${await answer.text()}`);
    },
    /** Every line of the dataset's objects of records, in the order of their keys. */
    async lines(): Promise<string[]> {
      const keys = await raw.list(`${workspace}/${dataset}/`);
      const texts = await Promise.all(
        keys.map(async (key) => Buffer.from((await raw.get(key)) ?? []).toString('utf8')),
      );
      return texts.flatMap((text) => text.split('\n').slice(0, -1));
    },
    /** The upload ids of the dataset's raw objects. */
    uploads: async () => (await raw.list(`${workspace}/${dataset}/`)).map((key) => key.split('/')[3] as string),
    buffered: (segment: string) => buffer.query(`${workspace}#records#${dataset}#segment#${segment}`),
    /** What became of an upload once it has ended; it is not known before its workflow has begun. */
    async ended(uploadId: string): Promise<IngestionView> {
      for (;;) {
        const view = await api.call(DataRoutes.showIngestion, { dataset, uploadId }).catch((error: Error) => {
          if (error.name === DataErrors.UploadMissing('').name) return undefined;
          throw error;
        });
        if (view && view.status !== 'waiting' && view.status !== 'running') return view;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
    latest: () => api.call(DataRoutes.showVersion, { dataset, version: 'latest' }),
  };
}
