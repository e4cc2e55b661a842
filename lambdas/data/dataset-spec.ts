import * as z from 'zod';

export const DATASET_NAME = /^[a-z][a-z0-9-]{0,62}$/;
/** Begins with a letter: names of our own working columns begin with an underscore and so never clash. */
const COLUMN_NAME = /^\p{L}[\p{L}\p{N}_ .()%/-]{0,63}$/u;

export const COLUMN_TYPES = ['string', 'double', 'integer', 'boolean', 'date', 'timestamp'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/**
 * `key`: names a row. `group`: the thing whose rows form a series. `timestamp`: the place in the series.
 * `ignored`: kept, and used by nothing.
 */
export const COLUMN_ROLES = ['feature', 'target', 'key', 'timestamp', 'group', 'ignored'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** One column: what a value must be. Integers are whole numbers that a double holds exactly (at most 2^53 - 1). */
export const Column = z.strictObject({
  type: z.enum(COLUMN_TYPES),
  role: z.enum(COLUMN_ROLES),
  /** Written for people: `mm`, `°C`, `m/s`. */
  unit: z.string().min(1).max(32).optional(),
  /** Smallest and largest allowed number, both inclusive. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** The only allowed texts. */
  values: z.array(z.string().min(1).max(256)).min(1).max(1000).optional(),
  /** Whether an empty field is allowed. @default false */
  nullable: z.boolean().optional(),
});
export type Column = z.output<typeof Column>;

export const Split = z.strictObject({
  /** A date or timestamp column. */
  by: z.string(),
  /** Rows from this day on (UTC) are the test split, earlier ones the train split. */
  testFrom: z.iso.date(),
});

/** What a dataset's files must look like: a YAML file in the user's git, stored by the digest of its canonical JSON. */
export const DatasetSpec = z
  .strictObject({
    schema: z.literal('millrace/dataset/1'),
    dataset: z.string().regex(DATASET_NAME, 'a dataset is lower-case letters, digits and hyphens, at most 63'),
    description: z.string().max(2000).optional(),
    owner: z.string().min(1).max(200),
    source: z.string().max(500).optional(),
    /** SPDX identifier where there is one. */
    licence: z.string().max(200).optional(),
    columns: z
      .record(z.string(), Column)
      .refine((columns) => Object.keys(columns).length > 0, 'expected at least one column')
      .refine((columns) => Object.keys(columns).length <= 500, 'expected at most 500 columns'),
    split: Split,
  })
  .superRefine((spec, context) => {
    for (const { path, message } of contradictions(spec)) context.addIssue({ code: 'custom', path, message });
  });
export type DatasetSpec = z.output<typeof DatasetSpec>;

interface Contradiction {
  path: string[];
  message: string;
}

function contradictions({ columns, split }: Pick<DatasetSpec, 'columns' | 'split'>): Contradiction[] {
  const found: Contradiction[] = [];
  const names = Object.keys(columns);
  const say = (path: string[], message: string) => void found.push({ path, message });

  const by = columns[split.by];
  if (!by) say(['split', 'by'], `expected one of the columns ${names.join(', ')}`);
  else if (!isTemporal(by.type)) say(['split', 'by'], `expected a date or timestamp column, ${split.by} is ${by.type}`);
  else if (by.nullable) say(['split', 'by'], 'expected a column that is not nullable');

  for (const [name, { type, role, min, max, values, nullable }] of Object.entries(columns)) {
    const at = (field: string) => ['columns', name, field];
    const numeric = type === 'double' || type === 'integer';
    if (min !== undefined && !numeric) say(at('min'), `a ${type} column has no smallest number`);
    if (max !== undefined && !numeric) say(at('max'), `a ${type} column has no largest number`);
    if (min !== undefined && max !== undefined && min > max) say(at('min'), `expected at most max, which is ${max}`);
    if (values && type !== 'string') say(at('values'), `a ${type} column has no list of texts`);
    if (role === 'timestamp' && !isTemporal(type)) say(at('role'), `a timestamp is a date or timestamp, not ${type}`);
    if (nullable && (role === 'key' || role === 'group' || role === 'timestamp'))
      say(at('nullable'), `a ${role} names rows and is never empty`);
    if (!COLUMN_NAME.test(name))
      say(['columns', name], 'a column begins with a letter; letters, digits, space and _.()%/- follow, 64 in all');
    const twin = names.find((other) => other < name && other.toLowerCase() === name.toLowerCase());
    if (twin) say(['columns', name], `differs from column ${twin} in case only`);
  }
  const timestamps = names.filter((name) => columns[name]?.role === 'timestamp');
  if (timestamps.length > 1) say(['columns'], `expected one timestamp at most, got ${timestamps.join(', ')}`);
  return found;
}

const isTemporal = (type: ColumnType) => type === 'date' || type === 'timestamp';

type Columns = DatasetSpec['columns'];

/** Columns in the order of every file: by name. A spec's own order is lost in canonical JSON, so it means nothing. */
export const columnNames = (columns: Columns): string[] => Object.keys(columns).sort((a, b) => (a < b ? -1 : 1));

/**
 * The columns that name a row: its keys; without any, group and timestamp together; without a timestamp, none.
 * Where there are some, a dataset has one row for each of their values.
 */
export function identityOf(columns: Columns): string[] {
  const having = (...roles: ColumnRole[]) =>
    columnNames(columns).filter((name) => roles.includes((columns[name] as Column).role));
  const keys = having('key');
  if (keys.length > 0) return keys;
  return having('timestamp').length > 0 ? having('group', 'timestamp') : [];
}

/** What may never change once a dataset has a version: files of all versions are read as one table. */
export const shapeOf = ({ columns, split }: DatasetSpec) => ({
  columns: Object.fromEntries(
    Object.entries(columns).map(([name, { type, role, unit }]) => [name, { type, role, unit: unit ?? null }]),
  ),
  split,
});
