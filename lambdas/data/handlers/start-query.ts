import { endpoint } from '../../shared/endpoint.ts';
import { sqlStores } from '../aws/sql-stores.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { startQuery } from '../sql-query.ts';

export const startQueryEndpoint = endpoint({
  route: DataRoutes.startQuery,
  env: DataApiEnv,
  wire: sqlStores,
  run: (deps, { sql, token }, { workspace, caller }) =>
    startQuery(deps, { workspace, sql, token, actor: caller.tokenId }),
});
