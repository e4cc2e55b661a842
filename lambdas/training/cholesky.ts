/**
 * Below this share of its own diagonal a pivot is rounding noise: the column is a combination of earlier ones and
 * is left out (its solution is 0), as R's `glm` does.
 */
const ALIASED = 1e-12;

/**
 * Factors a symmetric positive semi-definite matrix in place: the lower triangle of the row-major
 * `size × size` matrix becomes L with A = L·Lᵀ. Aliased columns get a zero pivot.
 */
export function factorCholesky(matrix: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      let sum = matrix[row + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[row + k]! * matrix[other + k]!;
      if (j < i) {
        const pivot = matrix[other + j]!;
        matrix[row + j] = pivot === 0 ? 0 : sum / pivot;
      } else {
        matrix[row + i] = sum > ALIASED * matrix[row + i]! ? Math.sqrt(sum) : 0;
      }
    }
  }
}

/** Solves L·Lᵀ·x = `right` in place of `right`, with x = 0 for every aliased column. */
export function solveCholesky(factor: Float64Array, size: number, right: Float64Array): void {
  for (let i = 0; i < size; i++) {
    const pivot = factor[i * size + i]!;
    let sum = right[i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * size + k]! * right[k]!;
    right[i] = pivot === 0 ? 0 : sum / pivot;
  }
  for (let i = size - 1; i >= 0; i--) {
    const pivot = factor[i * size + i]!;
    let sum = right[i]!;
    for (let k = i + 1; k < size; k++) sum -= factor[k * size + i]! * right[k]!;
    right[i] = pivot === 0 ? 0 : sum / pivot;
  }
}
