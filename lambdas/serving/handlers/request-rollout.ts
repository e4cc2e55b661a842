import type { EventBridgeEvent } from 'aws-lambda';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { consumer } from '../../shared/consumer.ts';
import { lambdaFunctions } from '../aws/endpoint-functions.ts';
import { rolloutNews } from '../aws/rollout-events.ts';
import { rolloutExecutions } from '../aws/rollout-executions.ts';
import { ServingApiEnv } from '../contract.ts';
import { hearNews, type RolloutNews } from '../hear-news.ts';

export const requestRolloutConsumer = consumer<
  EventBridgeEvent<string, Record<string, unknown>>,
  RolloutNews,
  typeof ServingApiEnv,
  Parameters<typeof hearNews>[0]
>({
  env: ServingApiEnv,
  wire: (env) => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    functions: lambdaFunctions(),
    executions: rolloutExecutions(env.ROLL_OUT_MODEL_ARN),
    endpoints: env.ENDPOINTS,
    clock: systemClock,
  }),
  records: rolloutNews,
  run: hearNews,
});
export const handler = requestRolloutConsumer.lambda();
