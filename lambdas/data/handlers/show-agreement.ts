import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { showAgreement } from '../label-views.ts';

export const showAgreementEndpoint = endpoint({
  route: DataRoutes.showAgreement,
  env: DataApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), curated: s3Objects(env.CURATED_BUCKET) }),
  run: (deps, input, { workspace }) => showAgreement(deps, { ...input, workspace }),
});
