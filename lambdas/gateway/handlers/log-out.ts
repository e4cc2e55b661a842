import * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { page } from '../../shared/page.ts';
import { GatewayEnv, GatewayPages } from '../contract.ts';
import { clearedCookie, presentedSession } from '../login-cookie.ts';
import { endSession } from '../session.ts';

export const logOutPage = page({
  page: GatewayPages.logOut,
  access: 'caller',
  input: z.object({}),
  env: GatewayEnv,
  wire: (env) => ({ table: dynamoTable(env.TOKEN_TABLE) }),
  run: async ({ table }, _input, { event }) => {
    await endSession(table, presentedSession(event) ?? '');
    return { status: 303, headers: { location: './login', 'set-cookie': clearedCookie() } };
  },
});
