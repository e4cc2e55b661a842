import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Erasable } from '../../shared/aws/s3-erasable.ts';
import { systemClock } from '../../shared/clock.ts';
import { task } from '../../shared/task.ts';
import { DeleteVersionsEnv, EraseVersionInput } from '../contract.ts';
import type { EraseDeps } from '../erase-version.ts';
import { sweepVersion } from '../expired-versions.ts';

export const eraseVersionTask = task({
  input: EraseVersionInput,
  env: DeleteVersionsEnv,
  wire: (env): EraseDeps => ({
    table: dynamoTable(env.CATALOGUE_TABLE),
    curated: s3Erasable(env.CURATED_BUCKET),
    clock: systemClock,
    // Of the function's ten minutes; a call erases a thousand objects and then looks at the clock.
    budgetMs: 240_000,
  }),
  run: sweepVersion,
});
