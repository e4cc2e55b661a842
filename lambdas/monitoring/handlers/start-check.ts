import { endpoint } from '../../shared/endpoint.ts';
import { newId } from '../../shared/ids.ts';
import { checkExecutions } from '../aws/check-executions.ts';
import { MonitoringApiEnv, MonitoringRoutes } from '../contract.ts';
import { startCheck } from '../start-check.ts';

export const startCheckEndpoint = endpoint({
  route: MonitoringRoutes.startCheck,
  env: MonitoringApiEnv,
  wire: (env) => ({ executions: checkExecutions(env.CHECK_DRIFT_ARN), endpoints: env.ENDPOINTS, newId }),
  run: (deps, input, { workspace }) => startCheck(deps, input, workspace),
});
