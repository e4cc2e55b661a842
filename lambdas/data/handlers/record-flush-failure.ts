import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { task } from '../../shared/task.ts';
import { FailedFlush, FlushRecordsEnv } from '../contract.ts';
import { segmentKey } from '../flush-records.ts';
import { recordFailure } from '../record-failure.ts';

/** Who sent the records asks for their ingestion: that is where the failure has to stand. */
export const recordFlushFailureTask = task({
  input: FailedFlush,
  env: FlushRecordsEnv,
  wire: (env) => ({ table: dynamoTable(env.CATALOGUE_TABLE), clock: systemClock }),
  run: (deps, { segment, error }) => recordFailure(deps, { object: { key: segmentKey(segment), bytes: 0 }, error }),
});
