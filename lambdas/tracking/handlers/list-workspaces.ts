import { endpoint } from '../../shared/endpoint.ts';
import { steadyDynamoTable } from '../aws/steady-dynamo-table.ts';
import { TrackingApiEnv, TrackingRoutes } from '../contract.ts';
import { listWorkspaces } from '../workspace.ts';

export const listWorkspacesEndpoint = endpoint({
  route: TrackingRoutes.listWorkspaces,
  env: TrackingApiEnv,
  wire: (env) => ({ table: steadyDynamoTable(env.TRACKING_TABLE) }),
  run: async ({ table }, _input, { caller: { workspaces } }) => ({
    workspaces: (await listWorkspaces(table)).filter(
      ({ workspace }) => workspaces.includes('*') || workspaces.includes(workspace),
    ),
  }),
});
