/**
 * A histogram of latencies on a logarithmic scale: bucket i holds what lies within 2^(1/8) of its neighbours, so a
 * quantile read from it is off by at most 4.5 %. Counts of two histograms add up, in any order.
 */
export type LatencyCounts = Record<string, number>;

const BUCKETS_PER_OCTAVE = 8;
/** 2^-10 ms, about a microsecond: nothing is faster. */
const LOWEST_OCTAVE = -10;
/** 2^20 ms, seventeen minutes: longer than a function lives. */
const LAST_BUCKET = 30 * BUCKETS_PER_OCTAVE;

export function latencyBucket(ms: number): number {
  const bucket = Math.floor((Math.log2(ms) - LOWEST_OCTAVE) * BUCKETS_PER_OCTAVE);
  // log2 of zero or less is -Infinity or NaN: the lowest bucket.
  return bucket > 0 ? Math.min(bucket, LAST_BUCKET) : 0;
}

/** The latency in milliseconds below which a share `q` of the requests stayed, or undefined without any. */
export function latencyQuantile(counts: LatencyCounts, q: number): number | undefined {
  const buckets = Object.entries(counts)
    .map(([bucket, count]) => [Number(bucket), count] as const)
    .sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  for (const [bucket, count] of buckets) {
    below += count;
    if (below >= q * total) return 2 ** ((bucket + 0.5) / BUCKETS_PER_OCTAVE + LOWEST_OCTAVE);
  }
  return undefined;
}
