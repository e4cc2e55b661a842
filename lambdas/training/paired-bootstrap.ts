import { type Metric, moreIsBetter, type Predictions, weightedMetric } from './metrics.ts';
import { nextBelow, seededRandom } from './seeded-random.ts';

/** A share of resamples within [low, high], the rest split evenly on both sides. */
export interface Interval {
  readonly level: number;
  readonly low: number;
  readonly high: number;
}

/** How much better a model is than a rival on the same rows; above 0 is better, whatever the metric. */
export interface Improvement {
  /** Absent where a metric does not exist for these rows. */
  readonly value?: number;
  /** One a level asked for; none where too many resamples had no value. */
  readonly intervals: readonly Interval[];
}

export interface BootstrapOptions {
  readonly resamples: number;
  readonly levels: readonly number[];
  readonly seed: number;
}

/** With fewer resamples than this share the interval would speak of the lucky ones only. */
const NEEDED_SHARE = 0.9;

/**
 * Improvements of `model` over each rival by the paired percentile bootstrap: each resample draws rows with
 * replacement and judges all of them on the very same rows, so what is hard about a row hits both sides.
 */
export function bootstrapImprovements<Name extends string>(
  metric: Metric,
  labels: ArrayLike<number>,
  model: ArrayLike<number>,
  rivals: Readonly<Record<Name, ArrayLike<number>>>,
  { resamples, levels, seed }: BootstrapOptions,
): Record<Name, Improvement> {
  const rows = labels.length;
  const judge = (scores: ArrayLike<number>) => weightedMetric(metric, { labels, scores } satisfies Predictions);
  const ours = judge(model);
  const names = Object.keys(rivals) as Name[];
  const theirs = names.map((name) => judge(rivals[name]));
  const differences = names.map(() => [] as number[]);
  const sign = moreIsBetter(metric) ? 1 : -1;
  const improvement = (own: number | undefined, other: number | undefined) =>
    own === undefined || other === undefined ? undefined : sign * (own - other);

  const random = seededRandom(seed);
  const weights = new Uint32Array(rows);
  for (let r = 0; r < resamples && rows > 0; r++) {
    weights.fill(0);
    for (let i = 0; i < rows; i++) {
      const row = nextBelow(random, rows);
      weights[row] = weights[row]! + 1;
    }
    const own = ours(weights);
    for (const [k, other] of theirs.entries()) {
      const difference = improvement(own, other(weights));
      if (difference !== undefined) differences[k]!.push(difference);
    }
  }

  const once = new Uint8Array(rows).fill(1);
  const own = ours(once);
  const entries = names.map((name, k): [Name, Improvement] => {
    const value = improvement(own, theirs[k]!(once));
    const sorted = Float64Array.from(differences[k]!).sort();
    const enough = sorted.length > 0 && sorted.length >= NEEDED_SHARE * resamples;
    const intervals = enough ? levels.map((level) => intervalOf(sorted, level)) : [];
    return [name, value === undefined ? { intervals: [] } : { value, intervals }];
  });
  return Object.fromEntries(entries) as Record<Name, Improvement>;
}

const intervalOf = (sorted: Float64Array, level: number): Interval => ({
  level,
  low: quantile(sorted, (1 - level) / 2),
  high: quantile(sorted, (1 + level) / 2),
});

/** Between the two nearest values in proportion, as numpy does by default. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  return low + (place - below) * ((sorted[below + 1] ?? low) - low);
}
