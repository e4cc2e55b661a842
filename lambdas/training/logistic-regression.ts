import { type BlockedDesign, blockDesign } from './blocked-design.ts';
import { type FeatureTable, requireBinaryLabels, rowsOf } from './feature-table.ts';
import { FitErrors } from './fit-errors.ts';
import { type LogisticProblem, type LogisticStart, minimiseLogistic } from './logistic-newton.ts';
import { measureStandardisation } from './standardisation.ts';

/** A fitted model: p = σ(intercept + Σ coefficients[j] · (x[j] - mean[j]) / scale[j]). */
export interface LogisticModel {
  readonly features: readonly string[];
  readonly mean: Float64Array;
  readonly scale: Float64Array;
  /** On the standardised scale. */
  readonly coefficients: Float64Array;
  readonly intercept: number;
}

export interface LogisticFit {
  readonly model: LogisticModel;
  /** Newton steps taken on all rows. */
  readonly iterations: number;
  /** Objective at the minimum, a row: mean log loss plus the penalty's share. */
  readonly loss: number;
  /** The same before each step. */
  readonly losses: readonly number[];
}

export interface LogisticOptions {
  /**
   * Penalty ½ · l2 · ‖coefficients‖² beside the summed log losses, on the standardised scale, intercept free:
   * scikit-learn's 1 / C.
   * @default 1
   */
  readonly l2?: number;
  /** Converged when no coefficient moves by more than this. @default 1e-6 */
  readonly tolerance?: number;
  /** @default 100 */
  readonly maximumIterations?: number;
}

/** From here on a fit on every 16th row gives the start: it takes the early steps, which need no precision. */
const SAMPLED_START_ROWS = 8192;
const SAMPLE_STRIDE = 16;

/**
 * Logistic regression on standardised features.
 * @throws TrainingTableMalformed, TrainingFeatureNotFinite, TrainingLabelsUnusable, TrainingParameterInvalid
 * @throws TrainingLabelsSeparated when l2 is 0 and a hyperplane separates the classes
 * @throws TrainingNotConverged at the iteration cap
 */
export function fitLogisticRegression(
  table: FeatureTable,
  labels: ArrayLike<number>,
  { l2 = 1, tolerance = 1e-6, maximumIterations = 100 }: LogisticOptions = {},
): LogisticFit {
  requireParameter('l2', l2, l2 >= 0 && l2 < Infinity, '0 or more');
  requireParameter('tolerance', tolerance, tolerance > 0, 'a number above 0');
  requireParameter('maximumIterations', maximumIterations, maximumIterations >= 1, 'at least 1');
  const rows = rowsOf(table);
  requireBinaryLabels(labels, rows);
  const standardisation = measureStandardisation(table);
  const sample = (stride: number): LogisticProblem => {
    const design = blockDesign(table, standardisation, rows, stride);
    return { design, labels: everyLabel(labels, design.rows, stride), l2: l2 / stride };
  };

  const whole = sample(1);
  const start = startOf(whole.design, rows >= SAMPLED_START_ROWS ? sample(SAMPLE_STRIDE) : undefined);
  const minimum = minimiseLogistic(whole, start, tolerance, maximumIterations);
  if (minimum.end === 'separated') {
    throw FitErrors.TrainingLabelsSeparated(`l2: got 0, expected above 0, as the features separate the ${rows} labels`);
  }
  if (minimum.end === 'capped') {
    throw FitErrors.TrainingNotConverged(
      `after ${minimum.iterations} steps a coefficient still moves by ${minimum.change}, expected at most ${tolerance}`,
    );
  }
  const coefficients = minimum.coefficients.slice(1, table.columns.length + 1);
  return {
    model: { features: [...table.names], ...standardisation, coefficients, intercept: minimum.coefficients[0]! },
    iterations: minimum.iterations,
    loss: minimum.loss / rows,
    losses: minimum.losses.map((loss) => loss / rows),
  };
}

/** The model's probability for every row, computed in float64 from inputs taken as float32. */
export function predictProbability(model: LogisticModel, columns: readonly Float64Array[]): Float64Array {
  const { mean, scale, coefficients, intercept } = model;
  const scores = new Float64Array(columns[0]?.length ?? 0).fill(intercept);
  for (const [j, column] of columns.entries()) {
    const [centre, spread, coefficient] = [mean[j]!, scale[j]!, coefficients[j]!];
    for (let i = 0; i < scores.length; i++) {
      scores[i] = scores[i]! + (coefficient * (Math.fround(column[i]!) - centre)) / spread;
    }
  }
  return scores.map((score) => 1 / (1 + Math.exp(-score)));
}

function requireParameter(name: string, value: number, valid: boolean, expected: string): void {
  if (!valid) throw FitErrors.TrainingParameterInvalid(`${name}: got ${value}, expected ${expected}`);
}

/** The sample's minimum, or zeros where there is no sample or it has no minimum (one class only, say). */
function startOf(design: BlockedDesign, sample: LogisticProblem | undefined): LogisticStart {
  const zeros = { coefficients: new Float64Array(design.width) };
  if (sample === undefined) return zeros;
  const { coefficients, factor, end } = minimiseLogistic(sample, zeros, 1e-3, 12);
  // The curvature grows with the rows, its factor with their root.
  return end === 'converged' ? { coefficients, factor: factor.map((v) => v * Math.sqrt(SAMPLE_STRIDE)) } : zeros;
}

function everyLabel(labels: ArrayLike<number>, rows: number, stride: number): Float64Array {
  const taken = new Float64Array(rows);
  for (let i = 0; i < rows; i++) taken[i] = labels[i * stride]!;
  return taken;
}
