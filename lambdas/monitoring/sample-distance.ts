import { DriftErrors } from './drift-errors.ts';

/** Distances of two samples, exact and unbinned: what the distances of histograms are tested against. */

/** Two-sample Kolmogorov–Smirnov statistic: the largest distance of the two empirical distributions, 0 to 1. */
export function ksOfSamples(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  walk(a, b, (distance) => {
    most = Math.max(most, Math.abs(distance));
  });
  return most;
}

/** First Wasserstein distance, in the unit of the values: the area between the two empirical distributions. */
export function wassersteinOfSamples(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let area = 0;
  walk(a, b, (distance, width) => {
    area += Math.abs(distance) * width;
  });
  return area;
}

/** Visits every stretch between neighbouring values with F(a) - F(b) on it. */
function walk(a: ArrayLike<number>, b: ArrayLike<number>, visit: (distance: number, width: number) => void): void {
  const x = sorted('first sample', a);
  const y = sorted('second sample', b);
  for (let i = 0, j = 0; i < x.length || j < y.length; ) {
    const at = Math.min(x[i] ?? Infinity, y[j] ?? Infinity);
    while (x[i] === at) i++;
    while (y[j] === at) j++;
    const next = Math.min(x[i] ?? Infinity, y[j] ?? Infinity);
    visit(i / x.length - j / y.length, next === Infinity ? 0 : next - at);
  }
}

function sorted(what: string, values: ArrayLike<number>): Float64Array {
  const copy = Float64Array.from(values);
  const bad = copy.findIndex((value) => !Number.isFinite(value));
  if (copy.length === 0 || bad >= 0) {
    const got = bad >= 0 ? `${copy[bad]} at ${bad}` : 'no value';
    throw DriftErrors.DriftInputInvalid(`${what}: got ${got}, expected finite numbers`);
  }
  return copy.sort();
}
