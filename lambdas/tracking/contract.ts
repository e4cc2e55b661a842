import * as z from 'zod';

export { TrackingErrors } from './errors.ts';
export { type PlatformRun, type PlatformRunEnd, type PlatformRuns, platformRuns } from './platform-runs.ts';
export { steadyTable } from './steady-table.ts';

export const TrackingApiEnv = z.object({
  TRACKING_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  CATALOGUE_TABLE: z.string(),
  /** `true` where a workspace appears on first use. */
  OPEN_WORKSPACES: z.enum(['true', 'false']),
});
