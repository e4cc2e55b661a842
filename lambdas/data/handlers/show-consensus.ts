import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { showConsensus } from '../label-views.ts';

export const showConsensusEndpoint = endpoint({
  route: DataRoutes.showConsensus,
  env: DataApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), curated: s3Objects(env.CURATED_BUCKET) }),
  run: (deps, input, { workspace }) => showConsensus(deps, { ...input, workspace }),
});
