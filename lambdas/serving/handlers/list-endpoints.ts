import { endpoint } from '../../shared/endpoint.ts';

import { ServingApiEnv, ServingRoutes } from '../contract.ts';
import { showEndpoint } from '../show-endpoint.ts';
import { wireServingApi } from './serving-api-deps.ts';

export const listEndpointsEndpoint = endpoint({
  route: ServingRoutes.listEndpoints,
  env: ServingApiEnv,
  wire: wireServingApi,
  run: async (deps, _input, { workspace }) => {
    const own = deps.endpoints.filter((each) => each.workspace === workspace);
    return { endpoints: await Promise.all(own.map((each) => showEndpoint(deps, each))) };
  },
});
