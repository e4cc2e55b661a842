import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { MonitoringApiEnv, MonitoringRoutes } from '../contract.ts';
import { listRetrainings } from '../list-retrainings.ts';

export const listRetrainingsEndpoint = endpoint({
  route: MonitoringRoutes.listRetrainings,
  env: MonitoringApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: (deps, input, { workspace }) => listRetrainings(deps, input, workspace),
});
