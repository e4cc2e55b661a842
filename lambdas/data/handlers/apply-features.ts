import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { applyFeatures } from '../apply-features.ts';
import { lambdaCheckSql } from '../aws/lambda-check-sql.ts';
import { FeatureApiEnv, FeatureRoutes } from '../contract.ts';
import { showFeatures } from '../feature-views.ts';

export const applyFeaturesEndpoint = endpoint({
  route: FeatureRoutes.applyFeatures,
  env: FeatureApiEnv,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    online: dynamoTable(env.FEATURES_TABLE),
    checkSql: lambdaCheckSql(env.CHECK_FEATURES_FUNCTION),
    clock: systemClock,
  }),
  run: async (deps, { set, spec }, { workspace, caller }) => {
    const at = deps.clock().toISOString();
    await applyFeatures(deps, { workspace, set, text: spec, actor: caller.tokenId, at });
    return showFeatures(deps, { workspace, set });
  },
});
