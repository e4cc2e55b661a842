import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { LineageApiEnv, LineageRoutes } from '../contract.ts';
import { readLedger, requireWorkspaceRef } from '../graph.ts';

export const showLedgerEndpoint = endpoint({
  route: LineageRoutes.showLedger,
  env: LineageApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: async ({ table }, { ref }, { workspace }) => ({
    entries: await readLedger(table, requireWorkspaceRef(ref, workspace)),
  }),
});
