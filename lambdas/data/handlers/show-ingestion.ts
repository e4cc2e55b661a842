import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { showIngestion } from '../views.ts';

export const showIngestionEndpoint = endpoint({
  route: DataRoutes.showIngestion,
  env: DataApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: ({ table }, input, { workspace }) => showIngestion(table, { ...input, workspace }),
});
