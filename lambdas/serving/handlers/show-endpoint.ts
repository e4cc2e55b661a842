import { endpoint } from '../../shared/endpoint.ts';

import { ServingApiEnv, ServingRoutes } from '../contract.ts';
import { servedEndpoint } from '../served-endpoint.ts';
import { showEndpoint } from '../show-endpoint.ts';
import { wireServingApi } from './serving-api-deps.ts';

export const showEndpointEndpoint = endpoint({
  route: ServingRoutes.showEndpoint,
  env: ServingApiEnv,
  wire: wireServingApi,
  run: (deps, input, { workspace }) => showEndpoint(deps, servedEndpoint(deps.endpoints, workspace, input.endpoint)),
});
