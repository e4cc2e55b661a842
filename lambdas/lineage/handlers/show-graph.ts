import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { LineageApiEnv, LineageRoutes } from '../contract.ts';
import { requireWorkspaceRef, walk } from '../graph.ts';

export const showGraphEndpoint = endpoint({
  route: LineageRoutes.showGraph,
  env: LineageApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: ({ table }, { ref, direction }, { workspace }) =>
    walk(table, requireWorkspaceRef(ref, workspace), { direction }),
});
