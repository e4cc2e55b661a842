import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { FeatureApiEnv, FeatureRoutes } from '../contract.ts';
import { readFeatures } from '../online-features.ts';

export const readFeaturesEndpoint = endpoint({
  route: FeatureRoutes.readFeatures,
  env: FeatureApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), online: dynamoTable(env.FEATURES_TABLE) }),
  run: (deps, input, { workspace }) => readFeatures(deps, { ...input, workspace }),
});
