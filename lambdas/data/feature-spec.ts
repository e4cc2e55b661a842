import * as z from 'zod';
import { COLUMN_TYPES, DATASET_NAME } from './dataset-spec.ts';

/** Most features of one set: all of them are one item of the online table and one pass over the rows. */
const MAX_FEATURES = 100;
/** The longest window, in days: ten years. */
const MAX_WINDOW_DAYS = 3650;

const FEATURE_NAME = /^[a-z][a-z0-9_]{0,62}$/;
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const SPAN = /^(0|[1-9]\d{0,8})([smhd])$/;

/** A length of time as it is written, `7d` or `90m`, in seconds. */
export const secondsOf = (span: string): number => {
  const [, count, unit] = SPAN.exec(span) ?? [];
  return Number(count) * SECONDS[unit as keyof typeof SECONDS];
};

const Span = z.string().regex(SPAN, 'a length of time is a whole number and s, m, h or d, such as 7d');
const Window = Span.refine((span) => secondsOf(span) > 0, 'a window is longer than nothing').refine(
  (span) => secondsOf(span) <= MAX_WINDOW_DAYS * SECONDS.d,
  `a window is at most ${MAX_WINDOW_DAYS}d`,
);

/**
 * One feature of an entity at a time. With an aggregate such as `avg(temp_max)`, of all rows of the entity in the
 * window that ends then; without one, such as `temp_max - temp_min`, of the entity's latest row.
 */
export const Feature = z.strictObject({
  /** One SQL expression over the dataset's columns, in DuckDB's dialect. */
  sql: z.string().min(1).max(2000),
  /** What its values are; numbers that no double holds exactly, and those that are not finite, are no value. */
  type: z.enum(COLUMN_TYPES),
  /** How far back rows count. An aggregate has one; without, a latest row counts however old it is. */
  window: Window.optional(),
  description: z.string().max(500).optional(),
  unit: z.string().min(1).max(32).optional(),
});
export type Feature = z.output<typeof Feature>;

/** What the features of an entity are: a YAML file in the user's git, stored by the digest of its canonical JSON. */
export const FeatureSpec = z.strictObject({
  schema: z.literal('millrace/features/1'),
  /** The name of the set. */
  set: z.string().regex(DATASET_NAME, 'a feature set is lower-case letters, digits and hyphens, at most 63'),
  dataset: z.string().regex(DATASET_NAME, 'a dataset is lower-case letters, digits and hyphens, at most 63'),
  description: z.string().max(2000).optional(),
  owner: z.string().min(1).max(200),
  /** Columns that together name the thing that features are of; each a key, group or subject of the dataset. */
  entity: z
    .array(z.string())
    .min(1)
    .max(5)
    .refine((names) => new Set(names).size === names.length, 'expected each column once'),
  /** The date or timestamp column (UTC) that says when a row was. */
  timestamp: z.string(),
  /** How long after its timestamp a row is known: `1d` for a day's figures that are there when the day is over. @default 0s */
  availableAfter: Span.optional(),
  features: z
    .record(z.string(), Feature)
    .superRefine((features, context) => {
      for (const name of Object.keys(features).filter((each) => !FEATURE_NAME.test(each)))
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'a feature is named by lower-case letters, digits and underscores, at most 63',
        });
    })
    .refine((features) => Object.keys(features).length > 0, 'expected at least one feature')
    .refine((features) => Object.keys(features).length <= MAX_FEATURES, `expected at most ${MAX_FEATURES} features`),
});
export type FeatureSpec = z.output<typeof FeatureSpec>;

/** Features in the order that they have everywhere: by name. */
export const featureNames = ({ features }: Pick<FeatureSpec, 'features'>): string[] => Object.keys(features).sort();
