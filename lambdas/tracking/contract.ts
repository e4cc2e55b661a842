import * as z from 'zod';

export { ArtifactErrors } from './artifact-errors.ts';
export { TrackingErrors } from './errors.ts';

export const TrackingApiEnv = z.object({
  TRACKING_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  CATALOGUE_TABLE: z.string(),
  /** How clients reach the artifacts of new experiments. */
  ARTIFACT_ACCESS: z.enum(['proxied', 's3']),
  /** `true` where a workspace appears on first use. */
  OPEN_WORKSPACES: z.enum(['true', 'false']),
});
