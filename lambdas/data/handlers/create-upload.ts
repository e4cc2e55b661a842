import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { newId } from '../../shared/ids.ts';
import { s3Presign } from '../aws/s3-presign.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { createUpload, type UploadDeps } from '../upload.ts';

export const createUploadEndpoint = endpoint({
  route: DataRoutes.createUpload,
  env: DataApiEnv,
  wire: (env): UploadDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    presign: s3Presign(env.RAW_BUCKET),
    clock: systemClock,
    newId,
  }),
  run: (deps, input, { workspace }) => createUpload(deps, { ...input, workspace }),
});
