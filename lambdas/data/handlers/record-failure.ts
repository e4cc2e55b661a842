import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { task } from '../../shared/task.ts';
import { FailedIngestion, IngestEnv } from '../contract.ts';
import { recordFailure } from '../record-failure.ts';

export const recordFailureTask = task({
  input: FailedIngestion,
  env: IngestEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), clock: systemClock }),
  run: recordFailure,
});
