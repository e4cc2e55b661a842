import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { s3PresignGet } from '../aws/s3-presign-get.ts';
import { sfnExecutions } from '../aws/sfn-executions.ts';
import { FeatureApiEnv, FeatureRoutes } from '../contract.ts';
import { showJoin } from '../feature-joins.ts';

export const showJoinEndpoint = endpoint({
  route: FeatureRoutes.showJoin,
  env: FeatureApiEnv,
  wire: (env) => ({
    executions: sfnExecutions(env.JOIN_FEATURES_ARN),
    presignGet: s3PresignGet(env.FEATURES_BUCKET),
    clock: systemClock,
  }),
  run: (deps, input, { workspace }) => showJoin(deps, { ...input, workspace }),
});
