import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { LineageApiEnv, LineageRoutes } from '../contract.ts';
import { requireWorkspaceRef, verifySubject } from '../graph.ts';

export const verifyLedgerEndpoint = endpoint({
  route: LineageRoutes.verifyLedger,
  env: LineageApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE) }),
  run: ({ table }, { ref }, { workspace }) => verifySubject(table, requireWorkspaceRef(ref, workspace)),
});
