import { DriftErrors } from './drift-errors.ts';

/** Distances of two histograms over the same bins. Counts may be any weights: they are normalised. */

export type Counts = ArrayLike<number>;

/** Rows added to every bin of both sides before an index or a χ² is computed, so that an empty bin is no infinity. */
const SMOOTHING = 0.5;

/**
 * Population stability index, Σ (q - p) · ln(q / p), half a row added to every bin of both sides: below 0.1 is calm,
 * from 0.2 on is drift (the usual reading). It grows with the number of thin bins: merge those first.
 */
export function stabilityIndex(baseline: Counts, window: Counts): number {
  requireCounts(baseline, window);
  const p = smoothed(baseline);
  const q = smoothed(window);
  return sum(p, (share, i) => (q[i]! - share) * Math.log(q[i]! / share));
}

/** Largest distance of the cumulative shares, 0 to 1: the Kolmogorov–Smirnov statistic as far as bins can tell. */
export function kolmogorovSmirnov(a: Counts, b: Counts): number {
  requireCounts(a, b);
  const p = shares(a);
  const q = shares(b);
  let ahead = 0;
  let most = 0;
  for (let i = 0; i < p.length; i++) {
    ahead += p[i]! - q[i]!;
    most = Math.max(most, Math.abs(ahead));
  }
  return Math.min(most, 1);
}

/** First Wasserstein distance with each bin's rows at its position, in the unit of the rising positions. */
export function wasserstein(positions: ArrayLike<number>, a: Counts, b: Counts): number {
  requireCounts(a, b);
  if (positions.length !== a.length) {
    throw DriftErrors.DriftInputInvalid(`positions: got ${positions.length}, expected ${a.length}, one a bin`);
  }
  const p = shares(a);
  const q = shares(b);
  let ahead = 0;
  let area = 0;
  for (let i = 0; i + 1 < p.length; i++) {
    const width = positions[i + 1]! - positions[i]!;
    if (!(width >= 0 && width < Infinity)) {
      throw DriftErrors.DriftInputInvalid(`position ${i + 1}: got ${positions[i + 1]}, expected rising finite numbers`);
    }
    ahead += p[i]! - q[i]!;
    area += Math.abs(ahead) * width;
  }
  return area;
}

/** Jensen–Shannon divergence in bits, 0 to 1. */
export function jensenShannonDivergence(a: Counts, b: Counts): number {
  requireCounts(a, b);
  const p = shares(a);
  const q = shares(b);
  const half = (own: Float64Array, other: Float64Array) =>
    sum(own, (share, i) => (share === 0 ? 0 : share * Math.log2((2 * share) / (share + other[i]!))));
  // Rounding can leave a tiny negative sum for equal sides.
  return Math.min(Math.max((half(p, q) + half(q, p)) / 2, 0), 1);
}

/** Root of the divergence in bits, 0 to 1; a metric, and what scipy's `jensenshannon(base=2)` gives. */
export const jensenShannonDistance = (a: Counts, b: Counts): number => Math.sqrt(jensenShannonDivergence(a, b));

/** Half the summed differences of the shares, 0 to 1: the share of rows that would have to move to another bin. */
export function totalVariation(a: Counts, b: Counts): number {
  requireCounts(a, b);
  const q = shares(b);
  return sum(shares(a), (share, i) => Math.abs(share - q[i]!)) / 2;
}

/** Pearson's χ² of the two-row table of counts, bins that are empty on both sides left out. */
export function chiSquare(a: Counts, b: Counts): { statistic: number; degreesOfFreedom: number } {
  requireCounts(a, b);
  const total = { a: sum(a, (count) => count), b: sum(b, (count) => count) };
  const all = total.a + total.b;
  let used = 0;
  const statistic = sum(a, (count, i) => {
    const both = count + b[i]!;
    if (both === 0) return 0;
    used++;
    const [expectedA, expectedB] = [(both * total.a) / all, (both * total.b) / all];
    return (count - expectedA) ** 2 / expectedA + (b[i]! - expectedB) ** 2 / expectedB;
  });
  return { statistic, degreesOfFreedom: used - 1 };
}

function shares(counts: Counts): Float64Array {
  const total = sum(counts, (count) => count);
  return Float64Array.from(counts, (count) => count / total);
}

function smoothed(counts: Counts): Float64Array {
  return shares(Float64Array.from(counts, (count) => count + SMOOTHING));
}

function sum(values: Counts, of: (value: number, i: number) => number): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += of(values[i]!, i);
  return total;
}

function requireCounts(a: Counts, b: Counts): void {
  if (a.length !== b.length || a.length === 0) {
    throw DriftErrors.DriftInputInvalid(`bins: got ${a.length} and ${b.length}, expected the same number, at least 1`);
  }
  for (const [side, counts] of [['first', a] as const, ['second', b] as const]) {
    let total = 0;
    for (let i = 0; i < counts.length; i++) {
      const count = counts[i]!;
      if (!(count >= 0 && count < Infinity)) {
        throw DriftErrors.DriftInputInvalid(`${side} histogram, bin ${i}: got ${count}, expected 0 or more`);
      }
      total += count;
    }
    if (!(total > 0 && total < Infinity)) {
      throw DriftErrors.DriftInputInvalid(`${side} histogram: got ${total} rows, expected at least 1`);
    }
  }
}
