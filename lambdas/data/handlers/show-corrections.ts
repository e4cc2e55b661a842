import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { showCorrections } from '../label-views.ts';

export const showCorrectionsEndpoint = endpoint({
  route: DataRoutes.showCorrections,
  env: DataApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), curated: s3Objects(env.CURATED_BUCKET) }),
  run: (deps, input, { workspace }) => showCorrections(deps, { ...input, workspace }),
});
