import type * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { newId } from '../../shared/ids.ts';
import { lambdaFunctions } from '../aws/endpoint-functions.ts';
import { rolloutExecutions } from '../aws/rollout-executions.ts';
import type { ServingApiEnv } from '../contract.ts';

/** What the verbs of the serving API share. */
export const wireServingApi = (env: z.output<typeof ServingApiEnv>) => ({
  table: dynamoTable(env.CATALOGUE_TABLE),
  functions: lambdaFunctions(),
  executions: rolloutExecutions(env.ROLL_OUT_MODEL_ARN),
  endpoints: env.ENDPOINTS,
  clock: systemClock,
  newId,
});
export type ServingApiDeps = ReturnType<typeof wireServingApi>;
