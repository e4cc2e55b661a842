import { metricNamespace } from '../../serving/contract.ts';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { task } from '../../shared/task.ts';
import { cloudWatchMetrics } from '../aws/cloud-watch-metrics.ts';
import { CheckDriftEnv, PublishDriftInput } from '../contract.ts';
import { publishDrift } from '../publish-drift.ts';

export const publishDriftTask = task({
  env: CheckDriftEnv,
  input: PublishDriftInput,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    publish: cloudWatchMetrics(metricNamespace(env.STAGE)),
  }),
  run: publishDrift,
});
