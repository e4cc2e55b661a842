import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { RegistryApiEnv, RegistryRoutes } from '../contract.ts';
import { showVersion } from '../model.ts';

export const showVersionEndpoint = endpoint({
  route: RegistryRoutes.showVersion,
  env: RegistryApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: ({ table }, { model, version }, { workspace }) => showVersion(table, workspace, model, version),
});
