import { api } from '../../shared/api.ts';
import { applySpecEndpoint } from './apply-spec.ts';
import { listRunsEndpoint } from './list-runs.ts';
import { requestTrainingEndpoint } from './request-training.ts';
import { showRunEndpoint } from './show-run.ts';
import { showSpecEndpoint } from './show-spec.ts';

export const handler = api([
  applySpecEndpoint,
  showSpecEndpoint,
  requestTrainingEndpoint,
  showRunEndpoint,
  listRunsEndpoint,
]).lambda();
