import { type ColumnSummary, dense, type NumberSummary, registersOf, type TextSummary } from './column-summary.ts';
import { BUCKET_ERROR, BUCKETS, middleOf } from './float-buckets.ts';
import { DISTINCT_ERROR } from './hyperloglog.ts';
import { binsFor, histogramOf, type NumberBins } from './number-bins.ts';
import { type ColumnProfile, QUANTILES, type QuantileName, TOP_VALUES } from './profile.ts';

/** The profile that merged parts of a column allow: counts and moments as of the whole, the rest within its stated error. */
export const profileOfSummary = (summary: ColumnSummary): ColumnProfile =>
  summary.kind === 'number' ? numbers(summary) : texts(summary);

function numbers(summary: NumberSummary): ColumnProfile {
  const { type, count, nulls, nonFinite, min, max, mean, m2, m3, zeros, negatives, distinct } = summary;
  const base: ColumnProfile = { type, count, nulls, ...(nonFinite > 0 && { nonFinite }) };
  if (count === 0 || min === undefined || max === undefined) return base;
  const counts = dense(summary.buckets);
  const sd = Math.sqrt(m2 / (count - 1));
  const skewness = m3 / count / (m2 / count) ** 1.5;
  const bins = binsFor(counts, count, min, max, type === 'integer');
  fill(bins, counts, min, max);
  return {
    ...base,
    ...{ min, max, mean },
    ...(count > 1 && Number.isFinite(sd) && { sd }),
    ...(max > min && Number.isFinite(skewness) && { skewness }),
    ...{ zeros, negatives },
    quantiles: quantilesOf(counts, count, min, max),
    quantilesWithin: BUCKET_ERROR,
    histogram: histogramOf(bins),
    ...(distinct && { distinct: Math.min(count, registersOf(distinct).distinct()), distinctWithin: DISTINCT_ERROR }),
  };
}

const clamped = (value: number, min: number, max: number) => Math.max(min, Math.min(max, value)) + 0;

function quantilesOf(counts: Float64Array, count: number, min: number, max: number): Record<QuantileName, number> {
  const at = (rank: number): number => {
    let before = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      before += counts[bucket] as number;
      if (before > rank) return clamped(middleOf(bucket), min, max);
    }
    return max;
  };
  const entries = Object.entries(QUANTILES).map(([name, p]) => {
    const place = (count - 1) * p;
    const below = Math.floor(place);
    const part = place - below;
    const low = at(below);
    return [name, part === 0 ? low : low * (1 - part) + at(Math.min(below + 1, count - 1)) * part];
  });
  return Object.fromEntries(entries) as Record<QuantileName, number>;
}

/** Every value counts as the middle of its bucket. */
function fill({ low, scale, last, places }: NumberBins, counts: Float64Array, min: number, max: number): void {
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = counts[bucket] as number;
    if (count === 0) continue;
    const place = (clamped(middleOf(bucket), min, max) - low) * scale;
    const bin = place < 0 ? 0 : place >= last ? last + 1 : 1 + Math.floor(place);
    places[bin] = (places[bin] as number) + count;
  }
}

function texts({ type, count, nulls, lengths, distinct, top, missed }: TextSummary): ColumnProfile {
  if (count === 0) return { type, count, nulls };
  const whole = missed === 0;
  return {
    ...{ type, count, nulls },
    ...(whole
      ? { distinct: top.length }
      : { distinct: Math.min(count, registersOf(distinct).distinct()), distinctWithin: DISTINCT_ERROR }),
    // A value that some part did not list may be more frequent than one that is.
    ...(top.length > 0 &&
      (whole || (top[TOP_VALUES - 1]?.[1] ?? 0) > missed) && {
        top: top.slice(0, TOP_VALUES).map(([value, times]) => ({ value, count: times })),
        ...(!whole && { topWithin: missed }),
      }),
    ...(lengths && { lengths }),
  };
}
