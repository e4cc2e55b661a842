import { endpoint } from '../../shared/endpoint.ts';
import { sqlStores } from '../aws/sql-stores.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { showQuery } from '../sql-query.ts';

export const showQueryEndpoint = endpoint({
  route: DataRoutes.showQuery,
  env: DataApiEnv,
  wire: sqlStores,
  run: (deps, input, { workspace }) => showQuery(deps, { ...input, workspace }),
});
