import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { readEnv } from '../../shared/env.ts';
import { jsonLogger } from '../../shared/logger.ts';
import type { Table } from '../../shared/table.ts';
import { authorize } from '../authorize.ts';
import { GatewayEnv } from '../contract.ts';

let table: Table | undefined;

export const handler = async (event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
  table ??= dynamoTable(readEnv(GatewayEnv).TOKEN_TABLE);
  const result = await authorize({ table, clock: systemClock }, event);
  jsonLogger.info('authorize', {
    tokenId: result?.context?.['tokenId'] ?? null,
    refusal: result?.context?.['refusal'],
  });
  // API Gateway turns exactly this message into 401 with the API's own body.
  if (!result) throw new Error('Unauthorized');
  return result;
};
