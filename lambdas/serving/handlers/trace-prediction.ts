import { endpoint } from '../../shared/endpoint.ts';

import { ServingApiEnv, ServingRoutes } from '../contract.ts';
import { tracePrediction } from '../show-endpoint.ts';
import { wireServingApi } from './serving-api-deps.ts';

export const tracePredictionEndpoint = endpoint({
  route: ServingRoutes.tracePrediction,
  env: ServingApiEnv,
  wire: wireServingApi,
  run: (deps, { predictionId }, { workspace }) => tracePrediction(deps, workspace, predictionId),
});
