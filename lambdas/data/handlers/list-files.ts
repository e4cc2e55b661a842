import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { s3PresignGet } from '../aws/s3-presign-get.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { listFiles, type VersionFilesDeps } from '../version-files.ts';

export const listFilesEndpoint = endpoint({
  route: DataRoutes.listFiles,
  env: DataApiEnv,
  wire: (env): VersionFilesDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    curated: s3Objects(env.CURATED_BUCKET),
    presign: s3PresignGet(env.CURATED_BUCKET),
    clock: systemClock,
  }),
  run: (deps, input, { workspace }) => listFiles(deps, { ...input, workspace }),
});
