import type * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import type { DataApiEnv } from '../contract.ts';
import type { SqlQueryDeps } from '../sql-query.ts';
import { athenaEngine } from './athena-engine.ts';

/** What the verbs of queries work with. */
export const sqlStores = (env: z.output<typeof DataApiEnv>): SqlQueryDeps => ({
  table: dynamoTable(env.CATALOGUE_TABLE),
  engine: athenaEngine({
    stage: env.STAGE,
    workgroup: env.SQL_WORKGROUP,
    readerRole: env.SQL_READER_ROLE,
    curated: env.CURATED_BUCKET,
    results: env.RESULTS_BUCKET,
  }),
  clock: systemClock,
});
