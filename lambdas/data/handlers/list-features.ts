import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { FeatureApiEnv, FeatureRoutes } from '../contract.ts';
import { listFeatures } from '../feature-views.ts';

export const listFeaturesEndpoint = endpoint({
  route: FeatureRoutes.listFeatures,
  env: FeatureApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: ({ table }, _input, { workspace }) => listFeatures(table, workspace),
});
