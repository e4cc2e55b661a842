import { endpoint } from '../../shared/endpoint.ts';

import { ServingApiEnv, ServingRoutes } from '../contract.ts';
import { rollBack } from '../roll-back.ts';
import { servedEndpoint } from '../served-endpoint.ts';
import { showEndpoint } from '../show-endpoint.ts';
import { wireServingApi } from './serving-api-deps.ts';

export const rollBackEndpoint = endpoint({
  route: ServingRoutes.rollBack,
  env: ServingApiEnv,
  wire: wireServingApi,
  run: async (deps, { endpoint: name, from, reason, dedupe: once }, { workspace, caller }) => {
    const served = servedEndpoint(deps.endpoints, workspace, name);
    await rollBack(deps, served, { from, once, reason, actor: caller.tokenId });
    return showEndpoint(deps, served);
  },
});
