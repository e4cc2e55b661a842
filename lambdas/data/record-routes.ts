import * as z from 'zod';
import { route } from '../shared/route.ts';
import { DATASET_NAME } from './dataset-spec.ts';
import type { RefusedRecord } from './record.ts';

export type { RefusedRecord } from './record.ts';
export { MAX_RECORD_BYTES, MAX_RECORDS, tooLargeNumber } from './record.ts';

/** What became of a batch of records. */
export interface RecordsTaken {
  /** How many will be in the dataset, or in the quarantine of the upload below. */
  accepted: number;
  /** Whether the very same batch had been taken before, so that this one added nothing. */
  repeated: boolean;
  /** Records that are not kept at all; nothing of them is. */
  refused: RefusedRecord[];
  /** Names the ingestion that will take them in, once the buffer is flushed; absent where none was accepted. */
  uploadId?: string;
}

export const RecordRoutes = {
  sendRecords: route<RecordsTaken>()({
    method: 'POST',
    path: '/data/datasets/{dataset}/records',
    roles: ['scientist', 'engineer', 'app'],
    // What is wrong with `records` is said without quoting them, which a schema's message would: messages are logged.
    input: z.object({
      dataset: z.string().regex(DATASET_NAME, 'a dataset is lower-case letters, digits and hyphens, at most 63'),
      records: z.unknown().optional(),
      /**
       * The sender's own name for the batch, for a day: the same one again adds nothing. Where rows may be replaced
       * (`conflict: replace`) the same records can mean a second change, and only a name tells that from a repeat.
       * @default derived from the records
       */
      batch: z.string().min(1).max(128).optional(),
    }),
  }),
};

/** Input of `data/flush-records`: a segment of the buffer, and how long it may still grow. */
export const FlushInput = z.strictObject({
  workspace: z.string(),
  dataset: z.string(),
  segment: z.string(),
  openedAt: z.iso.datetime(),
  seconds: z.int().nonnegative(),
});
export type FlushInput = z.output<typeof FlushInput>;

/** A flush that came to nothing: its input, and Step Functions' error output. */
export const FailedFlush = z.strictObject({
  segment: FlushInput,
  error: z.object({ Error: z.string().optional(), Cause: z.string().optional() }),
});

export const FlushRecordsEnv = z.object({
  CATALOGUE_TABLE: z.string(),
  BUFFER_TABLE: z.string(),
  RAW_BUCKET: z.string(),
});

/** One stream's records belong to one dataset. */
export const CollectRecordsEnv = z.object({ RAW_BUCKET: z.string(), WORKSPACE: z.string(), DATASET: z.string() });
