import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { type VerifyDeps, verifyVersion } from '../verify-version.ts';

export const verifyVersionEndpoint = endpoint({
  route: DataRoutes.verifyVersion,
  env: DataApiEnv,
  wire: (env): VerifyDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    curated: s3Objects(env.CURATED_BUCKET),
    clock: systemClock,
    // What is begun by then may be one large file; the function has 20 seconds.
    budgetMs: 8000,
  }),
  run: (deps, input, { workspace }) => verifyVersion(deps, { ...input, workspace }),
});
