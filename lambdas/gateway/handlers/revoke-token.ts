import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { GatewayEnv, GatewayRoutes } from '../contract.ts';
import { isWithinReach } from '../rights.ts';
import { revokeToken } from '../token.ts';

export const revokeTokenEndpoint = endpoint({
  route: GatewayRoutes.revokeToken,
  env: GatewayEnv,
  wire: (env) => ({ table: dynamoTable(env.TOKEN_TABLE), clock: systemClock }),
  run: (deps, { tokenId }, { caller }) => revokeToken(deps, tokenId, (token) => isWithinReach(caller, token)),
});
