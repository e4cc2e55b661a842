import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { RegistryApiEnv, RegistryRoutes } from '../contract.ts';
import { listModels } from '../model.ts';

export const listModelsEndpoint = endpoint({
  route: RegistryRoutes.listModels,
  env: RegistryApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: ({ table }, page, { workspace }) => listModels(table, workspace, page),
});
