import type { Digest } from '../shared/digest.ts';
import type { ColumnType } from './dataset-spec.ts';

/** What a column of a dataset version holds. */
export interface ColumnProfile {
  type: ColumnType;
  /** Values that are there, and fields that are empty. */
  count: number;
  nulls: number;
  /** Numbers, or ISO 8601 for days and times (UTC). Absent where there is no value, and for texts. */
  min?: number | string;
  max?: number | string;
  mean?: number;
  /** Sample standard deviation (n - 1); absent below two values and where a double cannot hold it. */
  sd?: number;
  /** By linear interpolation between order statistics (Hyndman and Fan's type 7). */
  quantiles?: Record<QuantileName, number>;
  /** Of texts and booleans: how many different ones, and the most frequent first. */
  distinct?: number;
  top?: { value: string; count: number }[];
}

export interface Profile {
  schema: 'millrace/profile/1';
  workspace: string;
  dataset: string;
  version: Digest;
  rows: number;
  /** By name. */
  columns: Record<string, ColumnProfile>;
}

export const QUANTILES = { p01: 0.01, p05: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95, p99: 0.99 } as const;
export type QuantileName = keyof typeof QUANTILES;

/** How many of the most frequent texts a profile lists. */
export const TOP_VALUES = 10;

type NumberProfile = Pick<ColumnProfile, 'min' | 'max' | 'mean' | 'sd' | 'quantiles'>;

/** Sorts `values` in place. Sums run over the sorted values, so the order that rows came in does not show. */
export function profileNumbers(values: Float64Array): NumberProfile {
  const n = values.length;
  if (n === 0) return {};
  values.sort();
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const value = values[i] as number;
    const before = mean;
    mean += value / (i + 1) - mean / (i + 1);
    squares += (value - before) * (value - mean);
  }
  const sd = Math.sqrt(squares / (n - 1));
  return {
    min: unsigned(values[0] as number),
    max: unsigned(values[n - 1] as number),
    mean: unsigned(mean),
    ...(n > 1 && Number.isFinite(sd) && { sd }),
    quantiles: Object.fromEntries(
      Object.entries(QUANTILES).map(([name, p]) => [name, unsigned(quantile(values, p))]),
    ) as Record<QuantileName, number>,
  };
}

function quantile(sorted: Float64Array, p: number): number {
  const place = (sorted.length - 1) * p;
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  const share = place - below;
  return share === 0 ? low : low * (1 - share) + high * share;
}

/** JSON has no -0. */
const unsigned = (value: number) => (value === 0 ? 0 : value);
