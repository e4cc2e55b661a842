import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { FeatureApiEnv, FeatureRoutes } from '../contract.ts';
import { type FeatureViewDeps, showFeatures } from '../feature-views.ts';

export const showFeaturesEndpoint = endpoint({
  route: FeatureRoutes.showFeatures,
  env: FeatureApiEnv,
  wire: (env): FeatureViewDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    online: dynamoTable(env.FEATURES_TABLE),
    clock: systemClock,
  }),
  run: (deps, { set }, { workspace }) => showFeatures(deps, { workspace, set }),
});
