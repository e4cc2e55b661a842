import * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { task } from '../../shared/task.ts';
import { cloudfrontKeys } from '../aws/cloudfront-keys.ts';
import { PublishAllTokensEnv } from '../contract.ts';
import { publishAll } from '../edge-keys.ts';

/** Behind no URL: invoked once after an edge is deployed in front of a stage that has tokens already. */
const publishAllTokens = task({
  input: z.object({}),
  env: PublishAllTokensEnv,
  wire: ({ TOKEN_TABLE, EDGE_KEYS_ARN }) => ({ table: dynamoTable(TOKEN_TABLE), keys: cloudfrontKeys(EDGE_KEYS_ARN) }),
  run: publishAll,
});

export const handler = (event: unknown) => publishAllTokens.handle(event);
