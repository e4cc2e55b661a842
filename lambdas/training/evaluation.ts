import { FitErrors } from './fit-errors.ts';
import {
  type CalibrationBin,
  calibrate,
  calibrationError,
  METRICS,
  type Metric,
  measureMetric,
  type Predictions,
} from './metrics.ts';
import { type BootstrapOptions, bootstrapImprovements, type Improvement } from './paired-bootstrap.ts';

/** A model's scores and its rivals' on the same labelled rows. */
export interface Contest extends Predictions {
  /** Scores by the rival's name: `base-rate`, `persistence`, `champion`. */
  readonly rivals: Readonly<Record<string, ArrayLike<number>>>;
  /** A group's name a row (a city, say), to be judged one by one as well. */
  readonly groups?: readonly string[];
}

/** A metric is absent where it does not exist for these rows. */
export type MetricValues = { readonly [M in Metric]?: number };

/** How a model did on some rows; plain JSON without NaN. */
export interface Judgement {
  readonly rows: number;
  readonly positives: number;
  readonly metrics: MetricValues;
  readonly calibration: { readonly error: number; readonly bins: readonly CalibrationBin[] };
  readonly rivals: Readonly<
    Record<string, { readonly metrics: MetricValues; readonly improvements: Readonly<Record<Metric, Improvement>> }>
  >;
}

export interface Evaluation extends Judgement {
  /** By group; absent where the contest has none. */
  readonly groups?: Readonly<Record<string, Judgement>>;
}

/**
 * Judges a model against its rivals, over all rows and within each group.
 * @throws EvaluationInputInvalid for no row, unequal lengths, a label other than 0 and 1 or a score outside [0, 1]
 */
export function evaluateModel(
  contest: Contest,
  { resamples = 1000, levels = [0.95], seed = 1 }: Partial<BootstrapOptions> = {},
): Evaluation {
  const { groups } = contest;
  const rows = contest.labels.length;
  requireScores('labels', contest.labels, rows, (label) => label === 0 || label === 1, '0 or 1');
  for (const [name, scores] of [['model', contest.scores] as const, ...Object.entries(contest.rivals)]) {
    requireScores(`scores of ${name}`, scores, rows, (score) => score >= 0 && score <= 1, '0 to 1');
  }
  const options = { resamples, levels, seed };
  const whole = judge(contest, options);
  if (groups === undefined) return whole;
  if (groups.length !== rows) {
    throw FitErrors.EvaluationInputInvalid(`groups: got ${groups.length}, expected ${rows}, one a row`);
  }
  const byGroup = Object.entries(rowsByGroup(groups)).map(([group, members]) => [
    group,
    judge(only(contest, members), options),
  ]);
  return { ...whole, groups: Object.fromEntries(byGroup) };
}

/** The share of positive labels, which is the best constant prediction. */
export function baseRate(labels: ArrayLike<number>): number {
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i]!;
  return positives / labels.length;
}

/** A rival that says the same for every row. */
export const constantScores = (score: number, rows: number): Float64Array => new Float64Array(rows).fill(score);

function judge({ labels, scores, rivals }: Contest, options: BootstrapOptions): Judgement {
  const bins = calibrate({ labels, scores });
  const improvements = METRICS.map(
    (metric) => [metric, bootstrapImprovements(metric, labels, scores, rivals, options)] as const,
  );
  const judged = Object.entries(rivals).map(([name, theirs]) => [
    name,
    {
      metrics: valuesOf({ labels, scores: theirs }),
      improvements: Object.fromEntries(improvements.map(([metric, byRival]) => [metric, byRival[name]!])),
    },
  ]);
  return {
    rows: labels.length,
    positives: Math.round(baseRate(labels) * labels.length),
    metrics: valuesOf({ labels, scores }),
    calibration: { error: calibrationError(bins), bins },
    rivals: Object.fromEntries(judged),
  };
}

function valuesOf(predictions: Predictions): MetricValues {
  const values = METRICS.map((metric) => [metric, measureMetric(metric, predictions)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function rowsByGroup(groups: readonly string[]): Record<string, number[]> {
  const members = Object.groupBy(groups.keys(), (row) => groups[row]!);
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))) as Record<string, number[]>;
}

function only({ labels, scores, rivals }: Contest, rows: readonly number[]): Contest {
  const take = (values: ArrayLike<number>) => Float64Array.from(rows, (row) => values[row]!);
  const theirs = Object.entries(rivals).map(([name, values]) => [name, take(values)]);
  return { labels: take(labels), scores: take(scores), rivals: Object.fromEntries(theirs) };
}

function requireScores(
  what: string,
  values: ArrayLike<number>,
  rows: number,
  valid: (value: number) => boolean,
  expected: string,
): void {
  if (rows === 0 || values.length !== rows) {
    throw FitErrors.EvaluationInputInvalid(
      `${what}: got ${values.length}, expected ${rows || 'at least 1'}, one a row`,
    );
  }
  for (let i = 0; i < rows; i++) {
    if (!valid(values[i]!)) {
      throw FitErrors.EvaluationInputInvalid(`${what}, row ${i}: got ${values[i]}, expected ${expected}`);
    }
  }
}
