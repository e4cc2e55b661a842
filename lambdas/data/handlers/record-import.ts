import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { recordImport } from '../record-import.ts';

export const recordImportEndpoint = endpoint({
  route: DataRoutes.recordImport,
  env: DataApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), clock: systemClock }),
  run: ({ table, clock }, input, { workspace, caller }) =>
    recordImport(table, { ...input, workspace, actor: caller.tokenId, at: clock().toISOString() }),
});
