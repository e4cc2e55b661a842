import * as z from 'zod';
import { Check } from './check-spec.ts';
import { collectionContradictions } from './collection-spec.ts';
import { Column, type ColumnRole } from './column-spec.ts';
import { Labels, labelContradictions } from './label-spec.ts';
import { Anonymity, privacyContradictions } from './privacy-spec.ts';
import { contradictions } from './spec-contradictions.ts';
import { Partition, Split } from './split-spec.ts';

export { COLUMN_TYPES, Column, type ColumnRole, type ColumnType, isTemporal } from './column-spec.ts';
export { Partition, Split } from './split-spec.ts';

/** Folders below a dataset in the curated zone (lambdas/data/curated-parts.ts), and those of jobs. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['train', 'test', 'manifests', 'profiles', 'quality', 'objects', 'links', 'erasures'],
  ...['spark', 'labelling', 'spines', 'joins', 'materialisations'],
]);

export const DATASET_NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** Records that come one by one wait in a buffer, so that many of them become one file. */
const StreamBuffer = z.strictObject({
  /**
   * Seconds after which what has come is taken in, sooner where the buffer is full. Each time makes a version.
   * @default 60
   */
  flushSeconds: z.int().min(10).max(3600),
});

const PUNCTUATION = /^[\t !-/:-@[-`{-~]$/;

/** How files of a dataset are written where their name or the usual form does not say it. */
const Format = z.strictObject({
  /** What a file is whose name does not say it by its end, before `.gz`. @default csv */
  type: z.enum(['csv', 'jsonl', 'parquet', 'arrow', 'objects']).optional(),
  delimiter: z
    .string()
    .regex(PUNCTUATION, 'expected one ASCII character that is no letter, digit or line end')
    .optional(),
  quote: z.string().regex(PUNCTUATION, 'expected one ASCII character that is no letter, digit or line end').optional(),
  /** @default utf-8 */
  encoding: z.enum(['utf-8', 'latin-1', 'utf-16']).optional(),
  /** Texts that mean an empty field, beside the empty one. */
  nulls: z.array(z.string().min(1).max(32)).max(20).optional(),
  /** What a column does that the spec does not name. @default refuse */
  unknownColumns: z.enum(['refuse', 'ignore']).optional(),
});
export type Format = z.output<typeof Format>;

/** What should go on happening, whether a file comes or not. */
const Expectation = z
  .strictObject({
    /** Hours within which a new version comes; a dataset without one for longer is stale, and an alarm says so. */
    everyHours: z.number().min(1).max(87_600).optional(),
    /** How far a version's number of rows may be from that of the version before, in percent of it. */
    rowsWithinPercent: z.number().positive().optional(),
  })
  .refine((expect) => Object.values(expect).some((value) => value !== undefined), 'expected at least one expectation');

/** GDPR, article 6 (1); `none` where no personal data is in it. */
const LEGAL_BASES = [
  'none',
  'consent',
  'contract',
  'legal-obligation',
  'vital-interests',
  'public-task',
  'legitimate-interests',
] as const;

/** What a dataset's files must look like: a YAML file in the user's git, stored by the digest of its canonical JSON. */
export const DatasetSpec = z
  .strictObject({
    schema: z.literal('millrace/dataset/1'),
    dataset: z
      .string()
      .regex(DATASET_NAME, 'a dataset is lower-case letters, digits and hyphens, at most 63')
      .refine(
        (name) => !RESERVED.has(name),
        'a dataset is not named as a part of one is: permissions could not tell them apart',
      ),
    description: z.string().max(2000).optional(),
    owner: z.string().min(1).max(200),
    source: z.string().max(500).optional(),
    /** SPDX identifier where there is one. */
    licence: z.string().max(200).optional(),
    legalBasis: z.enum(LEGAL_BASES).optional(),
    /** What the data may be used for. */
    purpose: z.string().min(1).max(500).optional(),
    /** Days after which a version may go; pinned ones and the latest stay. @default versions stay */
    retentionDays: z.int().min(1).max(36_500).optional(),
    tags: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/))
      .max(50)
      .optional(),
    format: Format.optional(),
    stream: StreamBuffer.optional(),
    columns: z
      .record(z.string(), Column)
      .refine((columns) => Object.keys(columns).length > 0, 'expected at least one column')
      .refine((columns) => Object.keys(columns).length <= 500, 'expected at most 500 columns')
      // Refinements do not reach the JSON Schema by themselves.
      .meta({ minProperties: 1, maxProperties: 500 }),
    checks: z.array(Check).max(100).optional(),
    expect: Expectation.optional(),
    /** How many subjects must share each combination of what could identify one of them together. */
    anonymity: Anonymity.optional(),
    partition: Partition.optional(),
    split: Split,
    /** What a row does whose identity the dataset has with other values. @default quarantine */
    conflict: z.enum(['quarantine', 'replace']).optional(),
    /** Whether each upload is the whole dataset, so that rows which are not in it any more go. @default false */
    snapshot: z.boolean().optional(),
    /** Makes the dataset a label set of another one. */
    labels: Labels.optional(),
  })
  .superRefine((spec, context) => {
    for (const { path, message } of [
      ...contradictions(spec),
      ...privacyContradictions(spec),
      ...labelContradictions(spec),
      ...collectionContradictions(spec),
    ])
      context.addIssue({ code: 'custom', path, message });
  });
export type DatasetSpec = z.output<typeof DatasetSpec>;

type Columns = DatasetSpec['columns'];

/** Columns in the order of every file: by name. A spec's own order is lost in canonical JSON, so it means nothing. */
export const columnNames = (columns: Columns): string[] => Object.keys(columns).sort((a, b) => (a < b ? -1 : 1));

/** The columns as they are kept: without those that are dropped, and with the types that privacy leaves. */
export function curatedColumns(columns: Columns): Columns {
  return Object.fromEntries(
    Object.entries(columns)
      .filter(([, { privacy }]) => privacy?.action !== 'drop')
      .map(([name, column]) => [name, column.privacy ? keptColumn(column) : column]),
  );
}

/** Rules are of the value that came; what is kept of it obeys none of them. */
function keptColumn({ min: _min, max: _max, values: _values, pattern: _pattern, ...column }: Column): Column {
  const text = column.privacy?.action === 'pseudonym' || column.privacy?.action === 'prefix';
  return text ? { ...column, type: 'string' } : column;
}

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
export const shapeOf = ({ columns, split, partition }: DatasetSpec) => ({
  columns: Object.fromEntries(
    Object.entries(columns).map(([name, { type, role, unit, privacy }]) => [
      name,
      { type, role, unit: unit ?? null, privacy: privacy ?? null },
    ]),
  ),
  split,
  partition: partition ?? null,
});
