import { requireWorkspace } from '../shared/caller.ts';
import { required, text } from './fields.ts';
import { routesOf } from './mlflow-route.ts';
import type { TrackingDeps } from './tracking-deps.ts';
import { checkWorkspaceName, createWorkspace, listWorkspaces } from './workspace.ts';

const route = routesOf<TrackingDeps>();

/** The platform's own: operators make workspaces, where they do not appear on first use. */
export const workspaceRoutes = [
  route({
    method: 'POST',
    path: '/workspaces',
    version: 'root',
    access: 'operate',
    input: { workspace: required(text()) },
    async run({ table, clock }, { workspace }, { caller }) {
      checkWorkspaceName(workspace);
      requireWorkspace(caller, workspace);
      return createWorkspace(table, { workspace, createdAt: clock().toISOString() });
    },
  }),
  route({
    method: 'GET',
    path: '/workspaces',
    version: 'root',
    access: 'read',
    run: async ({ table }, _input, { caller: { workspaces } }) => ({
      workspaces: (await listWorkspaces(table)).filter(
        ({ workspace }) => workspaces.includes('*') || workspaces.includes(workspace),
      ),
    }),
  }),
];
