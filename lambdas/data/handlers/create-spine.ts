import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { newId } from '../../shared/ids.ts';
import { s3Presign } from '../aws/s3-presign.ts';
import { FeatureApiEnv, FeatureRoutes } from '../contract.ts';
import { createSpine, type SpineDeps } from '../feature-joins.ts';

export const createSpineEndpoint = endpoint({
  route: FeatureRoutes.createSpine,
  env: FeatureApiEnv,
  wire: (env): SpineDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    presign: s3Presign(env.FEATURES_BUCKET),
    clock: systemClock,
    newId,
  }),
  run: (deps, input, { workspace }) => createSpine(deps, { ...input, workspace }),
});
