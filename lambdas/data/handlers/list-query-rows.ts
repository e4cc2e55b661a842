import { endpoint } from '../../shared/endpoint.ts';
import { sqlStores } from '../aws/sql-stores.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { listQueryRows } from '../sql-query.ts';

export const listQueryRowsEndpoint = endpoint({
  route: DataRoutes.listQueryRows,
  env: DataApiEnv,
  wire: sqlStores,
  run: (deps, input, { workspace }) => listQueryRows(deps, { ...input, workspace }),
});
