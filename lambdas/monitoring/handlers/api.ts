import { api } from '../../shared/api.ts';
import { listRetrainingsEndpoint } from './list-retrainings.ts';
import { showCheckEndpoint } from './show-check.ts';
import { showDriftEndpoint } from './show-drift.ts';
import { startCheckEndpoint } from './start-check.ts';

export const handler = api([
  startCheckEndpoint,
  showCheckEndpoint,
  showDriftEndpoint,
  listRetrainingsEndpoint,
]).lambda();
