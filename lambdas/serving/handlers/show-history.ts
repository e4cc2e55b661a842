import { endpoint } from '../../shared/endpoint.ts';

import { ServingApiEnv, ServingRoutes } from '../contract.ts';
import { servedEndpoint } from '../served-endpoint.ts';
import { showHistory } from '../show-endpoint.ts';
import { wireServingApi } from './serving-api-deps.ts';

export const showHistoryEndpoint = endpoint({
  route: ServingRoutes.showHistory,
  env: ServingApiEnv,
  wire: wireServingApi,
  run: (deps, input, { workspace }) => showHistory(deps, servedEndpoint(deps.endpoints, workspace, input.endpoint)),
});
