import * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import { task } from '../../shared/task.ts';
import { duckdbRefinery } from '../aws/duckdb-refinery.ts';
import { s3Raw } from '../aws/s3-raw.ts';
import { ArrivedObject, IngestEnv } from '../contract.ts';
import { type IngestDeps, ingestObject } from '../ingest.ts';

export const ingestObjectTask = task({
  input: z.strictObject({ object: ArrivedObject }),
  env: IngestEnv,
  wire: (env): IngestDeps => {
    const curated = s3Objects(env.CURATED_BUCKET);
    return {
      table: dynamoTable(env.CATALOGUE_TABLE),
      curated,
      refine: duckdbRefinery({ fetchRaw: s3Raw(env.RAW_BUCKET), curated }),
      clock: systemClock,
    };
  },
  run: (deps, { object }) => ingestObject(deps, object),
});
