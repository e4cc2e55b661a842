import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { MonitoringApiEnv, MonitoringRoutes } from '../contract.ts';
import { showDrift } from '../show-drift.ts';

export const showDriftEndpoint = endpoint({
  route: MonitoringRoutes.showDrift,
  env: MonitoringApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), endpoints: env.ENDPOINTS }),
  run: (deps, input, { workspace }) => showDrift(deps, input, workspace),
});
