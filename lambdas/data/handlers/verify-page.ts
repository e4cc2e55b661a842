import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import { task } from '../../shared/task.ts';
import { VerifyPageInput, VerifyVersionEnv } from '../contract.ts';
import { type VerifyDeps, verifyVersion } from '../verify-version.ts';

export const verifyPageTask = task({
  input: VerifyPageInput,
  env: VerifyVersionEnv,
  wire: (env): VerifyDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    curated: s3Objects(env.CURATED_BUCKET),
    clock: systemClock,
    // What is begun by then may be one large file; the API waits 20 seconds for all of it.
    budgetMs: 8000,
  }),
  run: verifyVersion,
});
