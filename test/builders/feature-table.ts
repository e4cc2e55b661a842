import type { FeatureTable } from '../../lambdas/training/feature-table.ts';
import { seededRandom } from '../../lambdas/training/seeded-random.ts';

/** Columns as a table; values are taken as float32, as everything that is trained on or served. */
export const aTable = (columns: Readonly<Record<string, ArrayLike<number>>>): FeatureTable => ({
  names: Object.keys(columns),
  columns: Object.values(columns).map((values) => Float64Array.from(values, Math.fround)),
});

/** About normal numbers, the same for the same seed. */
export function normals(seed: number, count: number, mean = 0, deviation = 1): Float64Array {
  const random = seededRandom(seed);
  // Twelve uniform numbers have variance 1.
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value / 2 ** 32, -6);
  return Float64Array.from({ length: count }, () => Math.fround(mean + deviation * normal()));
}

/** Labels that follow σ(score) with the chance of the seed. */
export function labelsOf(seed: number, scores: ArrayLike<number>): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from(scores, (score) => (random() / 2 ** 32 < 1 / (1 + Math.exp(-score)) ? 1 : 0));
}
