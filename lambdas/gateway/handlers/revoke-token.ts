import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { GatewayEnv, GatewayRoutes } from '../contract.ts';
import { revokeToken } from '../token.ts';

export const revokeTokenEndpoint = endpoint({
  route: GatewayRoutes.revokeToken,
  env: GatewayEnv,
  wire: (env) => ({ table: dynamoTable(env.TOKEN_TABLE), clock: systemClock }),
  run: (deps, { tokenId }) => revokeToken(deps, tokenId),
});
