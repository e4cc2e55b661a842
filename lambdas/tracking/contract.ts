import * as z from 'zod';
import { IamCallersText } from '../shared/iam-caller-list.ts';

export { TrackingErrors } from './errors.ts';

export const TrackingApiEnv = z.object({
  TRACKING_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  CATALOGUE_TABLE: z.string(),
  /** `true` where a workspace appears on first use. */
  OPEN_WORKSPACES: z.enum(['true', 'false']),
  /** Where AWS checks signatures: who may. */
  IAM_CALLERS: IamCallersText,
});
