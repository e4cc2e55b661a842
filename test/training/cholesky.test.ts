import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { factorCholesky, solveCholesky } from '../../lambdas/training/cholesky.ts';
import { normals } from '../builders/feature-table.ts';

const multiply = (matrix: Float64Array, size: number, vector: Float64Array) =>
  Float64Array.from({ length: size }, (_, i) =>
    vector.reduce((sum, value, j) => sum + matrix[i * size + j]! * value, 0),
  );

/** AᵀA of random numbers, with `ridge` on the diagonal. */
function positiveMatrix(seed: number, size: number, ridge: number): Float64Array {
  const values = normals(seed, size * size);
  return Float64Array.from({ length: size * size }, (_, k) => {
    const [i, j] = [Math.floor(k / size), k % size];
    let sum = i === j ? ridge : 0;
    for (let row = 0; row < size; row++) sum += values[row * size + i]! * values[row * size + j]!;
    return sum;
  });
}

describe('Cholesky', () => {
  test('solves positive definite systems', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 15 }), (seed, size) => {
        const matrix = positiveMatrix(seed, size, 1);
        const wanted = normals(seed + 1, size);
        const right = multiply(matrix, size, wanted);
        factorCholesky(matrix, size);
        solveCholesky(matrix, size, right);
        for (let i = 0; i < size; i++) expect(right[i]).toBeCloseTo(wanted[i]!, 8);
      }),
      { numRuns: 100 },
    );
  });

  test('leaves out a column that another one repeats, and a column of zeros', () => {
    const matrix = Float64Array.of(4, 4, 0, 4, 4, 0, 0, 0, 0);
    const right = Float64Array.of(8, 8, 0);
    factorCholesky(matrix, 3);
    solveCholesky(matrix, 3, right);
    expect(Array.from(right)).toEqual([2, 0, 0]);
  });
});
