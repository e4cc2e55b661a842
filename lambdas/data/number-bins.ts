import { BUCKETS, firstBucket, middleOf } from './float-buckets.ts';
import type { NumberHistogram } from './profile.ts';

/** A histogram while it is counted: `places` begins with what is below and ends with what is above. */
export interface NumberBins {
  low: number;
  width: number;
  scale: number;
  last: number;
  places: Float64Array;
}

const BINS = 32;
/** Values further out than this share of the span between p01 and p99 would leave a picture of one bar. */
const REACH = 0.5;

/**
 * Bins for a column whose counts by bucket, least and largest value are known. The limits are those of the values, or
 * half the span of the middle 98 % outside of it where values lie beyond; whole numbers get whole bins.
 */
export function binsFor(
  counts: ArrayLike<number>,
  count: number,
  min: number,
  max: number,
  whole: boolean,
): NumberBins {
  const first = firstBucket(min);
  const low = middleOf(bucketAt(counts, first, (count - 1) * 0.01));
  const high = middleOf(bucketAt(counts, first, (count - 1) * 0.99));
  const range = high - low;
  const spread = range > 0 && Number.isFinite(range);
  const from = spread ? Math.max(min, low - REACH * range) : min;
  const to = spread ? Math.min(max, high + REACH * range) : max;
  if (whole && Number.isSafeInteger(Math.floor(from)) && Number.isSafeInteger(Math.ceil(to))) {
    const least = Math.ceil(from);
    const many = Math.max(1, Math.floor(to) - least + 1);
    const width = Math.ceil(many / BINS);
    return bins(least - 0.5, width, Math.ceil(many / width));
  }
  const width = to / BINS - from / BINS;
  // One value, or values too close for a double between them: one bin around it.
  if (!(width > Math.abs(from) * 1e-13))
    return bins(from - Math.max(Math.abs(from), 1) / 2, Math.max(Math.abs(from), 1), 1);
  // The largest value belongs to the last bin, so that a bin is a little wider than a thirty-second.
  return bins(from, width * (1 + 1e-12), BINS);
}

const bins = (low: number, width: number, last: number): NumberBins => ({
  low,
  width,
  scale: 1 / width,
  last,
  places: new Float64Array(last + 2),
});

function bucketAt(counts: ArrayLike<number>, first: number, rank: number): number {
  let before = 0;
  for (let bucket = first; bucket < BUCKETS; bucket++) {
    before += counts[bucket] as number;
    if (before > rank) return bucket;
  }
  return BUCKETS - 1;
}

export const histogramOf = ({ low, width, last, places }: NumberBins): NumberHistogram => ({
  kind: 'number',
  low,
  width,
  counts: [...places.subarray(1, last + 1)],
  below: places[0] as number,
  above: places[last + 1] as number,
});
