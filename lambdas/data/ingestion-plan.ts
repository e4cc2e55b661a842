import * as z from 'zod';

/** How a file that is too large for one function is taken: its parts, and what all of them must agree on. */
export const IngestionPlan = z.strictObject({
  /** Digest of the spec that every part is checked against. */
  spec: z.string(),
  /** Digest of what the datasets that reference checks name had. */
  references: z.string(),
  raw: z.strictObject({ bytes: z.int(), sha256: z.string() }),
  /** Of a CSV, its columns in the file's order. */
  header: z.array(z.string()).optional(),
  /** Whether a number in it may be written as only DuckDB reads it. */
  oddNumbers: z.boolean().optional(),
  parts: z.array(
    z.strictObject({
      index: z.int().nonnegative(),
      /** Bytes of a text file, rows of a Parquet file; `to` is the first that is not in the part. */
      from: z.int().nonnegative(),
      to: z.int().positive(),
    }),
  ),
});
export type IngestionPlan = z.output<typeof IngestionPlan>;
export type PlannedPart = IngestionPlan['parts'][number];
