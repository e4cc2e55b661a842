import type * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import type { DataJobsEnv } from '../job-settings.ts';
import type { LabellingDeps } from '../labelling-job.ts';

/** What both steps around a labelling job work with. */
export const labellingStores = (env: z.output<typeof DataJobsEnv>): LabellingDeps => ({
  table: dynamoTable(env.CATALOGUE_TABLE),
  raw: s3Objects(env.RAW_BUCKET),
  curated: s3Objects(env.CURATED_BUCKET),
  clock: systemClock,
  settings: {
    workteamArn: env.WORKTEAM_ARN,
    roleArn: env.LABELLING_ROLE_ARN,
    functions: env.LABELLING_FUNCTIONS,
    labellersPerItem: env.LABELLERS_PER_ITEM,
  },
});
