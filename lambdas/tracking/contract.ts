import * as z from 'zod';
import { IamCallersText } from '../shared/iam-caller-list.ts';
import { ROLES, route } from '../shared/route.ts';
import { WORKSPACE_NAME } from '../shared/workspace-name.ts';
import type { WorkspaceFact } from './workspace.ts';

export { ArtifactErrors } from './artifact-errors.ts';
export { experimentLocation, findRoot } from './artifact-path.ts';
export { datasetStore } from './dataset-store.ts';
export { TrackingErrors } from './errors.ts';
export { checkMetricName } from './names.ts';
export { type PlatformRun, type PlatformRunEnd, type PlatformRuns, platformRuns } from './platform-runs.ts';
export { steadyTable } from './steady-table.ts';

/** `millrace tracking …`; MLflow's own routes are in docs/mlflow.md. */
export const TrackingRoutes = {
  createWorkspace: route<WorkspaceFact>()({
    method: 'POST',
    path: '/tracking/workspaces',
    roles: ['operator'],
    input: z.object({
      workspace: z.string().regex(WORKSPACE_NAME, 'expected 1 to 63 lower-case letters, digits and hyphens'),
    }),
  }),
  listWorkspaces: route<{ workspaces: WorkspaceFact[] }>()({
    method: 'GET',
    path: '/tracking/workspaces',
    roles: ROLES.filter((role) => role !== 'app'),
    input: z.object({}),
  }),
};

export const TrackingApiEnv = z.object({
  TRACKING_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  CATALOGUE_TABLE: z.string(),
  /** How clients reach the artifacts of new experiments. */
  ARTIFACT_ACCESS: z.enum(['proxied', 's3']),
  /** `true` where a workspace appears on first use. */
  OPEN_WORKSPACES: z.enum(['true', 'false']),
  /** Where AWS checks signatures: who may. */
  IAM_CALLERS: IamCallersText,
});

/** The UI's files are beside its code, and it looks at nothing else. */
export const TrackingUiEnv = z.object({});
