import { addGram, addTransposedProduct, type BlockedDesign, multiplyBlock, scaleBlock } from './blocked-design.ts';
import { factorCholesky, solveCholesky } from './cholesky.ts';

/** Minimise Σ log loss + ½ · l2 · ‖coefficients without the intercept‖². */
export interface LogisticProblem {
  readonly design: BlockedDesign;
  /** 0 or 1, one a row of the design. */
  readonly labels: ArrayLike<number>;
  readonly l2: number;
}

/** Where to begin: coefficients and, where something similar was fitted before, its factored curvature. */
export interface LogisticStart {
  readonly coefficients: Float64Array;
  readonly factor?: Float64Array;
}

export interface LogisticMinimum {
  /** One a column of the design: the intercept, the features, padding. */
  readonly coefficients: Float64Array;
  /** The Cholesky factor of the curvature used last. */
  readonly factor: Float64Array;
  /** Summed over the rows, with the penalty. */
  readonly loss: number;
  /** Before each step: what the fit did. */
  readonly losses: readonly number[];
  readonly iterations: number;
  /** `separated`: no penalty and a hyperplane between the classes, so that no minimum exists. */
  readonly end: 'converged' | 'capped' | 'separated';
  /** The last step's largest change. */
  readonly change: number;
}

/** How a borrowed curvature is expected to shrink the first step's error; from then on it is measured. */
const BORROWED_RATE = 0.2;
/** A stale curvature is kept only while each step is at most this share of the last. */
const STEADY = 0.3;
/** Rounding of a loss summed over many rows; a rise by less is none. */
const NOISE = 1e-12;
/** 2⁻³⁰ of a step changes nothing any more. */
const HALVINGS = 30;

/**
 * Newton's method. The curvature, a Gram matrix and most of the cost, is kept when the steps to come are expected to
 * reach the tolerance cheaper without renewing it. A step that would raise the loss is halved, so the loss never rises.
 */
export function minimiseLogistic(
  problem: LogisticProblem,
  start: LogisticStart,
  tolerance: number,
  maximumIterations: number,
): LogisticMinimum {
  const { width } = problem.design;
  // Passes over the data without a curvature that cost as much as one with it: the Gram matrix grows with width².
  const patience = 2 + width / 8;
  const evaluate = evaluator(problem);
  const factor = start.factor?.slice() ?? new Float64Array(width * width);
  const step = new Float64Array(width);
  let fresh = start.factor === undefined;
  let coefficients = start.coefficients.slice();
  let loss = evaluate(coefficients, step, fresh ? factor : undefined);
  let last = 0;
  const losses: number[] = [];
  for (let iterations = 1; ; iterations++) {
    if (fresh) factorCholesky(factor, width);
    solveCholesky(factor, width, step);
    const change = largest(step);
    // After a fresh curvature the error shrinks by about the step itself, as Newton's method converges quadratically.
    const rate = fresh ? change : last === 0 ? BORROWED_RATE : change / last;
    losses.push(loss);
    const at = { factor, loss, losses, iterations, change };
    const next = coefficients.map((value, j) => value - step[j]!);
    if (change <= tolerance && (fresh || rate <= STEADY)) return { coefficients: next, end: 'converged', ...at };
    if (iterations >= maximumIterations) return { coefficients, end: 'capped', ...at };

    fresh = !(rate <= STEADY && change * rate ** patience <= tolerance);
    let nextLoss = evaluate(next, step, fresh ? factor : undefined);
    for (let share = 0.5; !(nextLoss <= loss + NOISE * loss); share /= 2) {
      if (share < 2 ** -HALVINGS) return { coefficients, end: 'capped', ...at };
      for (let j = 0; j < width; j++) next[j] = (next[j]! + coefficients[j]!) / 2;
      fresh = true;
      nextLoss = evaluate(next, step, factor);
    }
    coefficients = next;
    loss = nextLoss;
    last = change;
    // A row on the wrong side costs log 2 or more: below that in sum, every row is on its own side.
    if (problem.l2 === 0 && loss < Math.LN2) return { ...at, coefficients, loss, end: 'separated' };
  }
}

type Evaluate = (coefficients: Float64Array, gradient: Float64Array, matrix: Float64Array | undefined) => number;

/** The objective at a point: gradient and, where asked, the curvature, in one pass over the blocks. */
function evaluator({ design, labels, l2 }: LogisticProblem): Evaluate {
  const { rows, blocks, blockRows, width } = design;
  const linear = new Float64Array(blockRows);
  const residuals = new Float64Array(blockRows);
  const roots = new Float64Array(blockRows);
  const scaled = new Float64Array(width * blockRows);

  /** Linear predictor → residual p - y and root of the weight p(1 - p); returns the rows' log loss. */
  function visitRows(first: number, size: number): number {
    let loss = 0;
    let product = 1;
    for (let i = 0; i < size; i++) {
      const score = linear[i]!;
      const label = labels[first + i]!;
      const small = Math.exp(-Math.abs(score));
      const large = 1 / (1 + small);
      residuals[i] = (score >= 0 ? large : small * large) - label;
      roots[i] = Math.sqrt(small) * large;
      // log(1 + small) of all rows at once: each factor is at most 2, so 256 of them cannot overflow.
      product *= 1 + small;
      loss += 0.5 * (Math.abs(score) + score) - label * score;
    }
    return loss + Math.log(product);
  }

  return (coefficients, gradient, matrix) => {
    gradient.fill(0);
    matrix?.fill(0);
    let loss = 0;
    for (let b = 0; b < blocks; b++) {
      const first = b * blockRows;
      multiplyBlock(design, b, coefficients, linear);
      // Rows of padding keep what an earlier block left there; their columns are 0, so it counts for nothing.
      loss += visitRows(first, Math.min(blockRows, rows - first));
      addTransposedProduct(design, b, residuals, gradient);
      if (matrix) {
        scaleBlock(design, b, roots, scaled);
        addGram(scaled, width, blockRows, matrix);
      }
    }
    for (let j = 1; j < width; j++) {
      const coefficient = coefficients[j]!;
      loss += 0.5 * l2 * coefficient * coefficient;
      gradient[j] = gradient[j]! + l2 * coefficient;
      if (matrix) matrix[j * width + j] = matrix[j * width + j]! + l2;
    }
    return loss;
  };
}

/** NaN where one is NaN, so that it can never count as converged. */
function largest(vector: Float64Array): number {
  let most = 0;
  for (const value of vector) most = Math.max(most, Math.abs(value));
  return most;
}
