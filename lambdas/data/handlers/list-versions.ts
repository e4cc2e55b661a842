import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { listVersions } from '../views.ts';

export const listVersionsEndpoint = endpoint({
  route: DataRoutes.listVersions,
  env: DataApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: ({ table }, { dataset }, { workspace }) => listVersions(table, { workspace, dataset }),
});
