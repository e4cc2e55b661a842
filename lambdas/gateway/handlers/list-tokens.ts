import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { endpoint } from '../../shared/endpoint.ts';
import { GatewayEnv, GatewayRoutes } from '../contract.ts';
import { isWithinReach } from '../rights.ts';
import { listTokens } from '../token.ts';

export const listTokensEndpoint = endpoint({
  route: GatewayRoutes.listTokens,
  env: GatewayEnv,
  wire: (env) => ({ table: dynamoTable(env.TOKEN_TABLE) }),
  run: async ({ table }, _input, { caller }) => ({
    tokens: (await listTokens(table)).filter((token) => isWithinReach(caller, token)),
  }),
});
