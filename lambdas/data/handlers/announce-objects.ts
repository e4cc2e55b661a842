import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { type AnnounceDeps, announceObjects } from '../announce-objects.ts';
import { s3ObjectProof, s3PresignObject } from '../aws/s3-object-proof.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';

export const announceObjectsEndpoint = endpoint({
  route: DataRoutes.announceObjects,
  env: DataApiEnv,
  wire: (env): AnnounceDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    prove: s3ObjectProof(env.CURATED_BUCKET),
    presign: s3PresignObject(env.CURATED_BUCKET),
  }),
  run: (deps, input, { workspace }) => announceObjects(deps, { ...input, workspace }),
});
