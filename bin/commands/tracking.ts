import * as z from 'zod';
import { TrackingRoutes } from '../../lambdas/tracking/contract.ts';
import { table } from '../terminal.ts';
import { verb } from '../verb.ts';

export const trackingVerbs = [
  verb({
    name: 'tracking workspace create',
    summary: 'Make a workspace: its MLflow server is at <tracking URI>/t/<workspace>.',
    input: z.object({ name: z.string().describe('its name: lower-case letters, digits and hyphens') }),
    positionals: ['name'],
    examples: ['millrace tracking workspace create forecast'],
    run: async ({ client }, { name }) => (await client()).call(TrackingRoutes.createWorkspace, { workspace: name }),
    show: ({ workspace }) => workspace,
  }),
  verb({
    name: 'tracking workspace list',
    summary: 'List the workspaces that were made, as far as your token reaches.',
    input: z.object({}),
    positionals: [],
    examples: ['millrace tracking workspace list'],
    run: async ({ client }) => (await client()).call(TrackingRoutes.listWorkspaces, {}),
    show: ({ workspaces }) =>
      table(
        ['workspace', 'created'],
        workspaces.map(({ workspace, createdAt }) => [workspace, createdAt]),
      ),
  }),
];
