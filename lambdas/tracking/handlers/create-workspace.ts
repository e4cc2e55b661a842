import { requireWorkspace } from '../../shared/caller.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { steadyDynamoTable } from '../aws/steady-dynamo-table.ts';
import { TrackingApiEnv, TrackingRoutes } from '../contract.ts';
import { createWorkspace } from '../workspace.ts';

export const createWorkspaceEndpoint = endpoint({
  route: TrackingRoutes.createWorkspace,
  env: TrackingApiEnv,
  wire: (env) => ({ table: steadyDynamoTable(env.TRACKING_TABLE), clock: systemClock }),
  run: async ({ table, clock }, { workspace }, { caller }) => {
    requireWorkspace(caller, workspace);
    return createWorkspace(table, { workspace, createdAt: clock().toISOString() });
  },
});
