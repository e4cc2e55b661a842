import { endpoint } from '../../shared/endpoint.ts';
import { trackingTable } from '../aws/tracking-table.ts';
import { TrackingApiEnv, TrackingRoutes } from '../contract.ts';
import { listWorkspaces } from '../workspace.ts';

export const listWorkspacesEndpoint = endpoint({
  route: TrackingRoutes.listWorkspaces,
  env: TrackingApiEnv,
  wire: (env) => ({ table: trackingTable(env.TRACKING_TABLE) }),
  run: async ({ table }, _input, { caller: { workspaces } }) => ({
    workspaces: (await listWorkspaces(table)).filter(
      ({ workspace }) => workspaces.includes('*') || workspaces.includes(workspace),
    ),
  }),
});
