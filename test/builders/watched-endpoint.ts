import type { WatchedEndpoint } from '../../lambdas/monitoring/contract.ts';

export const aWatchedEndpoint = (given: Partial<WatchedEndpoint> = {}): WatchedEndpoint => ({
  endpoint: 'rain',
  model: 'rain',
  workspace: 'default',
  driftPsi: 0.2,
  ...given,
});
