import * as z from 'zod';

/**
 * Which rows judge: by day, or by hash, where every row with the same value of `by` lies on the same side, whenever and
 * in whatever file it arrives.
 */
export const Split = z.strictObject({
  /** A date or timestamp column; of a split by hash a key, group or subject column. */
  by: z.string(),
  /** Rows from this day on (UTC) are the test split, earlier ones the train split. */
  testFrom: z.iso.date().optional(),
  /** Share of the values of `by` whose rows are the test split, in percent. */
  testPercent: z.number().min(0.01).max(99.99).optional(),
  /** Draws another split by hash of the same values. */
  salt: z.string().min(1).max(100).optional(),
  /** Columns of which no value may be on both sides: a file that would bring one there is refused. */
  apart: z.array(z.string()).min(1).max(10).optional(),
  /** Says that rows of a series may lie on both sides, so that training sees days after those it is judged on. */
  acrossTime: z.literal(true).optional(),
});
export type Split = z.output<typeof Split>;

/** Rows of one calendar unit (UTC) lie in files of their own, so that late rows join their day and queries skip others. */
export const Partition = z.strictObject({
  /** A date or timestamp column that is never empty. */
  by: z.string(),
  every: z.enum(['day', 'month', 'year']),
});
export type Partition = z.output<typeof Partition>;
