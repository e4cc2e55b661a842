import type * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { kmsSigner } from '../../shared/aws/kms-signer.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import type { TrainingReleaseEnv } from '../contract.ts';
import { trackedRuns } from './tracked-runs.ts';

/** What every step that decides, seals or records works with. */
export const releaseStores = (env: z.output<typeof TrainingReleaseEnv>) => ({
  table: dynamoTable(env.CATALOGUE_TABLE),
  runs: trackedRuns(env),
  curated: s3Objects(env.CURATED_BUCKET),
  artifacts: s3Objects(env.ARTIFACTS_BUCKET),
  bundles: s3Objects(env.BUNDLES_BUCKET),
  sign: kmsSigner(env.SIGNING_KEY),
  clock: systemClock,
});
