import type { KinesisStreamEvent } from 'aws-lambda';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { consumer } from '../../shared/consumer.ts';
import { jsonLogger } from '../../shared/logger.ts';
import { kinesisBatch } from '../aws/kinesis-batch.ts';
import { type CollectDeps, collectRecords, type StreamBatch } from '../collect-records.ts';
import { CollectRecordsEnv } from '../contract.ts';

export const collectRecordsConsumer = consumer<KinesisStreamEvent, StreamBatch, typeof CollectRecordsEnv, CollectDeps>({
  env: CollectRecordsEnv,
  wire: (env) => ({
    raw: s3Objects(env.RAW_BUCKET),
    logger: jsonLogger,
    workspace: env.WORKSPACE,
    dataset: env.DATASET,
  }),
  records: kinesisBatch,
  run: collectRecords,
});
export const handler = collectRecordsConsumer.lambda();
