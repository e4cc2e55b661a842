import * as z from 'zod';

/** What a broken rule does: `warn` says so, `quarantine` does not take the row, `refuse` does not take the file. */
export const Level = z.enum(['warn', 'quarantine', 'refuse']);
export type Level = z.output<typeof Level>;

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'a check is named by lower-case letters, digits and hyphens');
const percent = z.number().min(0).max(100);
/** A file has broken such a check as a whole: there is no row to set aside. */
const FileLevel = z.enum(['warn', 'refuse']);

/** A rule beyond those of the columns. `name` is what the report and people call it. */
export const Check = z.discriminatedUnion('rule', [
  /** No two rows of the file have the same values in these columns. */
  z.strictObject({ rule: z.literal('unique'), name: Name, columns: z.array(z.string()).min(1).max(10), level: Level }),
  /** Every value is one that another dataset's latest version has in its column. */
  z.strictObject({
    rule: z.literal('reference'),
    name: Name,
    column: z.string(),
    dataset: z.string(),
    key: z.string(),
    level: Level,
  }),
  /** A condition in SQL that every row meets; a row for which it is NULL does not break it. */
  z.strictObject({ rule: z.literal('sql'), name: Name, where: z.string().min(1).max(2000), level: Level }),
  /** At most this share of a column's values is empty. */
  z.strictObject({
    rule: z.literal('nulls'),
    name: Name,
    column: z.string(),
    atMostPercent: percent,
    level: FileLevel,
  }),
  /** The file's number of rows, and how far it may be from that of the file before, in percent of it. */
  z.strictObject({
    rule: z.literal('rows'),
    name: Name,
    atLeast: z.int().nonnegative().optional(),
    atMost: z.int().positive().optional(),
    deltaPercent: z.number().positive().optional(),
    level: FileLevel,
  }),
  /** The newest day or time of a column is at most so old when the file is taken in. */
  z.strictObject({
    rule: z.literal('fresh'),
    name: Name,
    column: z.string(),
    withinHours: z.number().positive(),
    level: FileLevel,
  }),
]);
export type Check = z.output<typeof Check>;
