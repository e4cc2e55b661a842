import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { TrainingApiEnv, TrainingRoutes } from '../contract.ts';
import { requireRun } from '../run-store.ts';

export const showRunEndpoint = endpoint({
  route: TrainingRoutes.showRun,
  env: TrainingApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: ({ table }, { runId }, { workspace }) => requireRun(table, workspace, runId),
});
