import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { newId } from '../../shared/ids.ts';
import { task } from '../../shared/task.ts';
import { GatewayEnv, NewToken } from '../contract.ts';
import { createToken, type TokenDeps } from '../token.ts';

/** Behind no URL: only who may invoke this function by IAM gets a token without having one. */
export const firstToken = task({
  input: NewToken,
  env: GatewayEnv,
  wire: (env): TokenDeps => ({ table: dynamoTable(env.TOKEN_TABLE), clock: systemClock, newId }),
  run: createToken,
});

export const handler = (event: unknown) => firstToken.handle(event);
