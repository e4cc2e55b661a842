import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { TrainingApiEnv, TrainingRoutes } from '../contract.ts';
import { listRuns } from '../run-store.ts';

export const listRunsEndpoint = endpoint({
  route: TrainingRoutes.listRuns,
  env: TrainingApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: async ({ table }, { model, limit }, { workspace }) => ({ runs: await listRuns(table, workspace, model, limit) }),
});
