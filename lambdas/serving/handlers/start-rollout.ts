import { endpoint } from '../../shared/endpoint.ts';

import { ServingApiEnv, ServingRoutes } from '../contract.ts';
import { startRollout } from '../request-rollout.ts';
import { servedEndpoint } from '../served-endpoint.ts';
import { wireServingApi } from './serving-api-deps.ts';

export const startRolloutEndpoint = endpoint({
  route: ServingRoutes.startRollout,
  env: ServingApiEnv,
  wire: wireServingApi,
  run: (deps, { endpoint: name, dedupe = deps.newId() }, { workspace, caller }) =>
    startRollout(deps, servedEndpoint(deps.endpoints, workspace, name), { dedupe, actor: caller.tokenId }),
});
