import { endpoint } from '../../shared/endpoint.ts';

import { ServingApiEnv, ServingRoutes } from '../contract.ts';
import { showRollout } from '../show-endpoint.ts';
import { wireServingApi } from './serving-api-deps.ts';

export const showRolloutEndpoint = endpoint({
  route: ServingRoutes.showRollout,
  env: ServingApiEnv,
  wire: wireServingApi,
  run: ({ table }, { rollout }, { workspace }) => showRollout(table, workspace, rollout),
});
