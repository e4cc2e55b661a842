import { BUCKETS } from './float-buckets.ts';
import { HyperLogLog } from './hyperloglog.ts';
import type { CentredScan, NumberScan } from './number-scan.ts';

/** Counts of a column of numbers in one part of a dataset; JSON, so that parts are made in different places. */
export interface NumberSummary {
  kind: 'number';
  type: 'double' | 'integer';
  count: number;
  nulls: number;
  nonFinite: number;
  /** Absent without values. */
  min?: number;
  max?: number;
  mean: number;
  /** Sums of the second and third powers of the distances from the mean. */
  m2: number;
  m3: number;
  zeros: number;
  negatives: number;
  /** Counts by leading bits: number of the bucket, count, number of the next, … */
  buckets: number[];
  /** Registers in base64; of whole numbers. */
  distinct?: string;
}

/** Of texts and booleans. */
export interface TextSummary {
  kind: 'text';
  type: 'string' | 'boolean';
  count: number;
  nulls: number;
  lengths?: { min: number; max: number };
  distinct: string;
  /** The most frequent values, at most KEPT_VALUES of them, first by count and then by value. */
  top: [value: string, count: number][];
  /** How often a value that is not in `top` may be there: 0 where all of them are listed. */
  missed: number;
}

export type ColumnSummary = NumberSummary | TextSummary;

/** Enough that the ten that are shown are hardly ever among those that were cut off in some part. */
export const KEPT_VALUES = 1000;

export function summaryOfNumbers(type: 'double' | 'integer', scan: NumberScan, centred: CentredScan): NumberSummary {
  const { count, nulls, nonFinite, min, max, mean, zeros, negatives, distinct } = scan;
  return {
    ...{ kind: 'number', type, count, nulls, nonFinite, mean, zeros, negatives },
    ...(count > 0 && { min, max }),
    ...{ m2: centred.m2, m3: centred.m3 },
    buckets: sparse(scan.counts),
    ...(distinct && { distinct: registersText(distinct) }),
  };
}

/** The summary of two parts together: equal to that of the whole, but for rounding of the moments. */
export function mergeSummaries<Summary extends ColumnSummary>(a: Summary, b: Summary): Summary {
  if (a.kind !== b.kind || a.type !== b.type) throw new Error(`type: got ${a.type} and ${b.type} of one column`);
  return (a.kind === 'number' ? mergedNumbers(a, b as NumberSummary) : mergedTexts(a, b as TextSummary)) as Summary;
}

function mergedNumbers(a: NumberSummary, b: NumberSummary): NumberSummary {
  if (a.count === 0 || b.count === 0) {
    const full = a.count === 0 ? b : a;
    return { ...full, nulls: a.nulls + b.nulls, nonFinite: a.nonFinite + b.nonFinite };
  }
  const count = a.count + b.count;
  const apart = b.mean - a.mean;
  const [shareA, shareB] = [a.count / count, b.count / count];
  const between = apart * apart * shareA * b.count;
  return {
    ...a,
    count,
    nulls: a.nulls + b.nulls,
    nonFinite: a.nonFinite + b.nonFinite,
    min: Math.min(a.min as number, b.min as number),
    max: Math.max(a.max as number, b.max as number),
    mean: a.mean * shareA + b.mean * shareB,
    m2: a.m2 + b.m2 + between,
    m3: a.m3 + b.m3 + between * apart * (shareA - shareB) + 3 * apart * (shareA * b.m2 - shareB * a.m2),
    zeros: a.zeros + b.zeros,
    negatives: a.negatives + b.negatives,
    buckets: sparse(dense(b.buckets, dense(a.buckets))),
    ...(a.distinct && b.distinct && { distinct: mergedRegisters(a.distinct, b.distinct) }),
  };
}

function mergedTexts(a: TextSummary, b: TextSummary): TextSummary {
  const counts = new Map(a.top);
  for (const [value, count] of b.top) counts.set(value, (counts.get(value) ?? 0) + count);
  const sorted = [...counts].sort(([x, n], [y, m]) => m - n || (x < y ? -1 : 1));
  const cut = sorted[KEPT_VALUES]?.[1] ?? 0;
  const lengths = a.lengths && b.lengths ? mergedLengths(a.lengths, b.lengths) : (a.lengths ?? b.lengths);
  const missed = a.missed + b.missed;
  return {
    ...a,
    count: a.count + b.count,
    nulls: a.nulls + b.nulls,
    ...(lengths && { lengths }),
    distinct: mergedRegisters(a.distinct, b.distinct),
    top: sorted.slice(0, KEPT_VALUES),
    missed: cut > 0 ? cut + missed : missed,
  };
}

type Lengths = NonNullable<TextSummary['lengths']>;
const mergedLengths = (a: Lengths, b: Lengths): Lengths => ({
  min: Math.min(a.min, b.min),
  max: Math.max(a.max, b.max),
});

function sparse(counts: Uint32Array | Float64Array): number[] {
  const pairs: number[] = [];
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const count = counts[bucket] as number;
    if (count > 0) pairs.push(bucket, count);
  }
  return pairs;
}

/** Adds a summary's counts to those of every bucket. */
export function dense(pairs: readonly number[], into: Float64Array = new Float64Array(BUCKETS)): Float64Array {
  for (let i = 0; i < pairs.length; i += 2) {
    const bucket = pairs[i] as number;
    into[bucket] = (into[bucket] as number) + (pairs[i + 1] as number);
  }
  return into;
}

export const registersText = ({ registers }: HyperLogLog): string => Buffer.from(registers).toString('base64');
export const registersOf = (text: string): HyperLogLog => new HyperLogLog(new Uint8Array(Buffer.from(text, 'base64')));

function mergedRegisters(a: string, b: string): string {
  const log = registersOf(a);
  log.merge(registersOf(b));
  return registersText(log);
}
