import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { showDataset } from '../views.ts';

export const showDatasetEndpoint = endpoint({
  route: DataRoutes.showDataset,
  env: DataApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: ({ table }, { dataset }, { workspace }) => showDataset(table, { workspace, dataset }),
});
