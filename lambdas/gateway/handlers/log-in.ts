import * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { page } from '../../shared/page.ts';
import { GatewayEnv, GatewayPages } from '../contract.ts';
import { logIn } from '../login.ts';
import { NextPath } from '../next-path.ts';

export const logInPage = page({
  page: GatewayPages.logIn,
  access: 'anyone',
  // A token of any form: a complaint about its form would say it again.
  input: z.object({ token: z.string().default(''), next: NextPath }),
  env: GatewayEnv,
  wire: (env) => ({ table: dynamoTable(env.TOKEN_TABLE), clock: systemClock }),
  run: logIn,
});
