import { endpoint } from '../../shared/endpoint.ts';
import { checkExecutions } from '../aws/check-executions.ts';
import { MonitoringApiEnv, MonitoringRoutes } from '../contract.ts';
import { showCheck } from '../start-check.ts';

export const showCheckEndpoint = endpoint({
  route: MonitoringRoutes.showCheck,
  env: MonitoringApiEnv,
  wire: (env) => ({ executions: checkExecutions(env.CHECK_DRIFT_ARN) }),
  run: (deps, input, { workspace }) => showCheck(deps, input, workspace),
});
