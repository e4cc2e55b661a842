import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { RegistryApiEnv, RegistryRoutes } from '../contract.ts';
import { requireModel } from '../model.ts';

export const showModelEndpoint = endpoint({
  route: RegistryRoutes.showModel,
  env: RegistryApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: ({ table }, { model }, { workspace }) => requireModel(table, workspace, model),
});
