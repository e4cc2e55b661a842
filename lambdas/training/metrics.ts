/** Labels 0 or 1 and predicted probabilities, row by row. */
export interface Predictions {
  readonly labels: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
}

/** How predictions are judged; for the Brier score and the log loss less is better, for the AUC more. */
export const METRICS = ['brier', 'logLoss', 'auc'] as const;
export type Metric = (typeof METRICS)[number];
export const moreIsBetter = (metric: Metric): boolean => metric === 'auc';

/** Where a probability of exactly 0 or 1 is taken to be, so that one sure mistake does not cost infinity. */
const CLIP = Number.EPSILON;

/**
 * A metric ready to be computed again and again with other row weights (a resample is one: how often each row was
 * drawn). `undefined` where it does not exist: no rows, or for the AUC only one class.
 */
export type WeightedMetric = (weights: ArrayLike<number>) => number | undefined;

export function weightedMetric(metric: Metric, { labels, scores }: Predictions): WeightedMetric {
  if (metric === 'auc') return weightedAuc({ labels, scores });
  const lossOf = metric === 'brier' ? squaredError : negativeLogLikelihood;
  const losses = Float64Array.from(scores, (score, i) => lossOf(score, labels[i]!));
  return (weights) => {
    let sum = 0;
    let total = 0;
    for (let i = 0; i < losses.length; i++) {
      sum += weights[i]! * losses[i]!;
      total += weights[i]!;
    }
    return defined(sum / total);
  };
}

/** Every row counted once. */
export const measureMetric = (metric: Metric, predictions: Predictions): number | undefined =>
  weightedMetric(metric, predictions)(new Uint8Array(predictions.scores.length).fill(1));

const squaredError = (score: number, label: number): number => (score - label) ** 2;

function negativeLogLikelihood(score: number, label: number): number {
  const clipped = Math.min(Math.max(score, CLIP), 1 - CLIP);
  return label === 1 ? -Math.log(clipped) : -Math.log1p(-clipped);
}

/**
 * Area under the ROC curve: the share of pairs of a positive and a negative row that the scores order rightly, ties
 * counted half. Sorted once, then one walk over the rows a resample.
 */
function weightedAuc({ labels, scores }: Predictions): WeightedMetric {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort((i, j) => scores[i]! - scores[j]!);
  const ordered = Float64Array.from(order, (i) => scores[i]!);
  const positive = Uint8Array.from(order, (i) => labels[i]!);
  const valid = ordered.every((score) => !Number.isNaN(score));
  return (weights) => {
    let below = 0;
    let negatives = 0;
    let positives = 0;
    let right = 0;
    for (let i = 0; i < ordered.length; ) {
      const tied = ordered[i]!;
      let tiedNegatives = 0;
      let tiedPositives = 0;
      for (; i < ordered.length && ordered[i]! === tied; i++) {
        const weight = weights[order[i]!]!;
        if (positive[i] === 1) tiedPositives += weight;
        else tiedNegatives += weight;
      }
      right += tiedPositives * (below + tiedNegatives / 2);
      below += tiedNegatives;
      positives += tiedPositives;
      negatives += tiedNegatives;
      if (!valid) return undefined;
    }
    return defined(right / (positives * negatives));
  };
}

const defined = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

/** One interval of predicted probabilities, and what happened there. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Mean predicted probability; where a model is calibrated it equals `observed`. */
  readonly predicted: number;
  /** Share of rows with label 1. */
  readonly observed: number;
}

/** Equal intervals of [0, 1], empty ones left out. */
export function calibrate({ labels, scores }: Predictions, bins = 10): CalibrationBin[] {
  const sums = Array.from({ length: bins }, () => ({ rows: 0, scores: 0, labels: 0 }));
  for (let i = 0; i < scores.length; i++) {
    const bin = sums[Math.min(Math.floor(scores[i]! * bins), bins - 1)];
    if (bin === undefined) continue;
    bin.rows++;
    bin.scores += scores[i]!;
    bin.labels += labels[i]!;
  }
  return sums.flatMap((sum, i) =>
    sum.rows === 0
      ? []
      : {
          from: i / bins,
          to: (i + 1) / bins,
          rows: sum.rows,
          predicted: sum.scores / sum.rows,
          observed: sum.labels / sum.rows,
        },
  );
}

/** Expected calibration error: the mean distance of `predicted` and `observed`, weighted by rows. */
export function calibrationError(bins: readonly CalibrationBin[]): number {
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
  return (
    bins.reduce((sum, { predicted, observed, rows: share }) => sum + Math.abs(predicted - observed) * share, 0) / rows
  );
}
