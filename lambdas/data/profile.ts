import * as z from 'zod';
import { DIGEST_PATTERN, type Digest } from '../shared/digest.ts';
import { COLUMN_TYPES } from './dataset-spec.ts';

export const QUANTILES = { p01: 0.01, p05: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95, p99: 0.99 } as const;
export type QuantileName = keyof typeof QUANTILES;

/** How many of the most frequent texts a profile lists. */
export const TOP_VALUES = 10;

const count = z.int().nonnegative();

export const NumberHistogram = z.strictObject({
  kind: z.literal('number'),
  /** Where the first bin begins, and how wide each is: bin i has what is in [low + i * width, low + (i + 1) * width). */
  low: z.number(),
  width: z.number().positive(),
  counts: z.array(count).min(1).max(32),
  below: count,
  above: count,
});
export type NumberHistogram = z.output<typeof NumberHistogram>;

export const CALENDAR_UNITS = ['minute', 'hour', 'day', 'month', 'year', 'decade', 'century'] as const;
export type CalendarUnit = (typeof CALENDAR_UNITS)[number];

export const TimeHistogram = z.strictObject({
  kind: z.literal('time'),
  unit: z.enum(CALENDAR_UNITS),
  /** Each unit (UTC) that has values, by the day or minute it begins with, in order. */
  counts: z.array(z.strictObject({ from: z.string(), count })),
});
export type TimeHistogram = z.output<typeof TimeHistogram>;

/** What a column of a dataset version holds. */
export const ColumnProfile = z.strictObject({
  type: z.enum(COLUMN_TYPES),
  /** Values that are there, and fields that are empty. */
  count,
  nulls: count,
  /** Numbers that are infinite or none, and so in no other figure; absent where there are none. */
  nonFinite: count.optional(),
  /** Numbers, or ISO 8601 for days and times (UTC). Absent where there is no value, and for texts. */
  min: z.union([z.number(), z.string()]).optional(),
  max: z.union([z.number(), z.string()]).optional(),
  mean: z.number().optional(),
  /** Sample standard deviation (n - 1); absent below two values and where a double cannot hold it. */
  sd: z.number().optional(),
  /** Third central moment over the cube of the population's standard deviation; absent where nothing varies. */
  skewness: z.number().optional(),
  zeros: count.optional(),
  negatives: count.optional(),
  /** By linear interpolation between order statistics (Hyndman and Fan's type 7). */
  quantiles: z.record(z.enum(Object.keys(QUANTILES) as [QuantileName, ...QuantileName[]]), z.number()).optional(),
  /** Largest relative error of the quantiles, and of where the histogram puts values; absent where they are exact. */
  quantilesWithin: z.number().positive().optional(),
  histogram: z.discriminatedUnion('kind', [NumberHistogram, TimeHistogram]).optional(),
  /** Of texts, booleans and whole numbers: how many different ones. */
  distinct: count.optional(),
  /** Standard error of `distinct` as a share of it; absent where it is exact. */
  distinctWithin: z.number().positive().optional(),
  /** Of texts and booleans: the most frequent, first. Absent where there are too many different ones to count each. */
  top: z.array(z.strictObject({ value: z.string(), count })).optional(),
  /** By how much counts of `top` may be too small; absent where they are exact. */
  topWithin: count.optional(),
  /** Of texts: characters of the shortest and the longest. */
  lengths: z.strictObject({ min: count, max: count }).optional(),
});
export type ColumnProfile = z.output<typeof ColumnProfile>;

/** Pearson's coefficients of pairs of columns, each over the rows where both have a value. */
export const Correlations = z.strictObject({
  /** Columns of numbers that are features or targets, by name; the first 50 of them. */
  columns: z.array(z.string()),
  /** How many such columns there are beyond those. */
  left: count,
  /** Where there are many pairs and rows: they are of one block of 2,048 rows in so many. */
  every: z.int().min(2).optional(),
  /** Below the diagonal, row by row: [[r10], [r20, r21], …]; null where one of the two does not vary. */
  rows: z.array(z.array(z.number().min(-1).max(1).nullable())),
});
export type Correlations = z.output<typeof Correlations>;

export const Profile = z.strictObject({
  schema: z.literal('millrace/profile/2'),
  workspace: z.string(),
  dataset: z.string(),
  version: z.custom<Digest>((value) => typeof value === 'string' && DIGEST_PATTERN.test(value), 'a digest'),
  rows: count,
  /** By name. */
  columns: z.record(z.string(), ColumnProfile),
  correlations: Correlations.optional(),
});
export type Profile = z.output<typeof Profile>;
