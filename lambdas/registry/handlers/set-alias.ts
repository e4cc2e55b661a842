import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { setAlias } from '../alias.ts';
import { RegistryApiEnv, RegistryRoutes } from '../contract.ts';

export const setAliasEndpoint = endpoint({
  route: RegistryRoutes.setAlias,
  env: RegistryApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), clock: systemClock }),
  run: ({ table, clock }, wish, { caller, workspace }) =>
    setAlias(table, { ...wish, workspace, caller, at: clock().toISOString() }),
});
