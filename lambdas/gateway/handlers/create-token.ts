import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { newId } from '../../shared/ids.ts';
import { GatewayEnv, GatewayRoutes } from '../contract.ts';
import { requireOwnRights } from '../rights.ts';
import { createToken, type TokenDeps } from '../token.ts';

export const createTokenEndpoint = endpoint({
  route: GatewayRoutes.createToken,
  env: GatewayEnv,
  wire: (env): TokenDeps => ({ table: dynamoTable(env.TOKEN_TABLE), clock: systemClock, newId }),
  run: async (deps, input, { caller }) => {
    requireOwnRights(caller, input);
    return createToken(deps, input);
  },
});
