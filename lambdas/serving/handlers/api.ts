import { api } from '../../shared/api.ts';
import { listEndpointsEndpoint } from './list-endpoints.ts';
import { listRolloutsEndpoint } from './list-rollouts.ts';
import { rollBackEndpoint } from './roll-back.ts';
import { showEndpointEndpoint } from './show-endpoint.ts';
import { showHistoryEndpoint } from './show-history.ts';
import { showRolloutEndpoint } from './show-rollout.ts';
import { startRolloutEndpoint } from './start-rollout.ts';
import { tracePredictionEndpoint } from './trace-prediction.ts';

export const servingEndpoints = [
  listEndpointsEndpoint,
  showEndpointEndpoint,
  showHistoryEndpoint,
  rollBackEndpoint,
  startRolloutEndpoint,
  listRolloutsEndpoint,
  showRolloutEndpoint,
  tracePredictionEndpoint,
];
export const handler = api(servingEndpoints).lambda();
