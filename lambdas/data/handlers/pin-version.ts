import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { DataApiEnv, DataRoutes } from '../contract.ts';
import { pinVersion } from '../name-version.ts';

export const pinVersionEndpoint = endpoint({
  route: DataRoutes.pinVersion,
  env: DataApiEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), clock: systemClock }),
  run: ({ table, clock }, input, { workspace, caller }) =>
    pinVersion(table, { ...input, workspace, actor: caller.tokenId, at: clock().toISOString() }),
});
