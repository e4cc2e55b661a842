import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { task } from '../../shared/task.ts';
import { CheckDriftEnv, RecordFailureInput } from '../contract.ts';
import { recordFailure } from '../record-failure.ts';

export const recordFailureTask = task({
  env: CheckDriftEnv,
  input: RecordFailureInput,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), clock: systemClock, endpoints: env.ENDPOINTS }),
  run: recordFailure,
});
