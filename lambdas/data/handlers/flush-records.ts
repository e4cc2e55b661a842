import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { task } from '../../shared/task.ts';
import { FlushInput, FlushRecordsEnv } from '../contract.ts';
import { type FlushDeps, flushRecords } from '../flush-records.ts';

export const flushRecordsTask = task({
  input: FlushInput,
  env: FlushRecordsEnv,
  wire: (env): FlushDeps => ({ buffer: dynamoTable(env.BUFFER_TABLE), raw: s3Objects(env.RAW_BUCKET) }),
  run: flushRecords,
});
