import type { CloudWatchLogsEvent } from 'aws-lambda';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { consumer } from '../../shared/consumer.ts';
import { cloudWatchMetrics } from '../aws/cloudwatch-metrics.ts';
import { logBatch } from '../aws/log-batch.ts';
import { type CollectDeps, collectWindows, type LogBatch } from '../collect-windows.ts';
import { CollectWindowsEnv } from '../contract.ts';

export const collectWindowsConsumer = consumer<CloudWatchLogsEvent, LogBatch, typeof CollectWindowsEnv, CollectDeps>({
  env: CollectWindowsEnv,
  wire: (env) => ({
    windows: dynamoTable(env.WINDOWS_TABLE),
    publish: cloudWatchMetrics(env.STAGE),
    clock: systemClock,
    part: { current: 0 },
  }),
  records: logBatch,
  run: collectWindows,
});
export const handler = collectWindowsConsumer.lambda();
