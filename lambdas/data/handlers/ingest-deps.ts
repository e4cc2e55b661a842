import type * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import { duckdbRefinery } from '../aws/duckdb-refinery.ts';
import { kmsDataKeys } from '../aws/kms-data-keys.ts';
import { s3ObjectProof } from '../aws/s3-object-proof.ts';
import { s3Raw } from '../aws/s3-raw.ts';
import type { IngestEnv } from '../contract.ts';
import { datasetKey } from '../dataset-key.ts';
import type { IngestDeps } from '../ingest.ts';

/** What every step of an ingestion works with. */
export function ingestDeps(env: z.output<typeof IngestEnv>): IngestDeps {
  const table = dynamoTable(env.CATALOGUE_TABLE);
  const curated = s3Objects(env.CURATED_BUCKET);
  const pseudonymKey = datasetKey(table, kmsDataKeys(env.DATASET_KEYS));
  const refinery = duckdbRefinery(
    { fetchRaw: s3Raw(env.RAW_BUCKET), curated, pseudonymKey },
    { partBytes: env.PART_BYTES },
  );
  const prove = s3ObjectProof(env.CURATED_BUCKET);
  return { table, curated, refinery, clock: systemClock, prove, partBytes: env.PART_BYTES };
}
