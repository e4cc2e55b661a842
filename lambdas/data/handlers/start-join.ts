import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { newId } from '../../shared/ids.ts';
import { sfnExecutions } from '../aws/sfn-executions.ts';
import { FeatureApiEnv, FeatureRoutes } from '../contract.ts';
import { startJoin } from '../feature-joins.ts';

export const startJoinEndpoint = endpoint({
  route: FeatureRoutes.startJoin,
  env: FeatureApiEnv,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    executions: sfnExecutions(env.JOIN_FEATURES_ARN),
    newId,
  }),
  run: (deps, input, { workspace }) => startJoin(deps, { ...input, workspace }),
});
