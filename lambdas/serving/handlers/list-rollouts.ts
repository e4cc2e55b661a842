import { endpoint } from '../../shared/endpoint.ts';

import { ServingApiEnv, ServingRoutes } from '../contract.ts';
import { listRollouts } from '../rollout.ts';
import { servedEndpoint } from '../served-endpoint.ts';
import { wireServingApi } from './serving-api-deps.ts';

export const listRolloutsEndpoint = endpoint({
  route: ServingRoutes.listRollouts,
  env: ServingApiEnv,
  wire: wireServingApi,
  run: async (deps, { endpoint: name, limit }, { workspace }) => {
    const served = servedEndpoint(deps.endpoints, workspace, name);
    return { rollouts: await listRollouts(deps.table, workspace, served.endpoint, limit) };
  },
});
