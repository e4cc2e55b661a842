import type { SNSEvent } from 'aws-lambda';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { consumer } from '../../shared/consumer.ts';
import { alarmNews } from '../aws/alarm-news.ts';
import { lambdaFunctions } from '../aws/endpoint-functions.ts';
import { ReturnEndpointEnv } from '../contract.ts';
import { type AlarmNews, type ReturnDeps, returnEndpoint } from '../return-endpoint.ts';

export const returnEndpointConsumer = consumer<SNSEvent, AlarmNews, typeof ReturnEndpointEnv, ReturnDeps>({
  env: ReturnEndpointEnv,
  wire: (env) => ({
    stage: env.STAGE,
    table: dynamoTable(env.CATALOGUE_TABLE),
    functions: lambdaFunctions(),
    endpoints: env.ENDPOINTS,
    clock: systemClock,
  }),
  records: alarmNews,
  run: returnEndpoint,
});
export const handler = returnEndpointConsumer.lambda();
