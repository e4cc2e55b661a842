import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { requireAppliedSpec } from '../applied-spec.ts';
import { TrainingApiEnv, TrainingRoutes } from '../contract.ts';

export const showSpecEndpoint = endpoint({
  route: TrainingRoutes.showSpec,
  env: TrainingApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: ({ table }, { model }, { workspace }) => requireAppliedSpec(table, workspace, model),
});
