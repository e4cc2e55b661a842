import { type FeatureTable, rowsOf } from './feature-table.ts';
import { FitErrors } from './fit-errors.ts';

/** Centre and scale of each feature; `(x - mean) / scale` is what the coefficients belong to. */
export interface Standardisation {
  readonly mean: Float64Array;
  /** Population standard deviation; 1 for a constant feature, so that it becomes 0 and stays out of the model. */
  readonly scale: Float64Array;
}

/** Rows read twice while they are in the first-level cache: 16 kB. */
const BLOCK = 2048;

/**
 * Mean and standard deviation of every feature in one pass over memory: each block's exact moments are merged by
 * Chan's formula, so neither a large mean nor an outlier in the first row costs digits.
 * Values are taken as float32, since float32 is what the exported model and the endpoint see.
 * @throws TrainingFeatureNotFinite naming the feature and the row
 */
export function measureStandardisation(table: FeatureTable): Standardisation {
  const rows = rowsOf(table);
  const width = table.columns.length;
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (let j = 0; j < width; j++) {
    const column = table.columns[j]!;
    let centre = 0;
    let squares = 0;
    for (let start = 0; start < rows; start += BLOCK) {
      const end = Math.min(start + BLOCK, rows);
      const size = end - start;
      const blockMean = meanOf(column, start, end);
      if (!Number.isFinite(blockMean)) throw notFinite(table, j, start);
      const delta = blockMean - centre;
      centre += (delta * size) / end;
      squares += squaresAround(column, start, end, blockMean) + (delta * delta * start * size) / end;
    }
    const constant = isConstant(column);
    mean[j] = constant ? Math.fround(column[0]!) : centre;
    scale[j] = constant ? 1 : Math.sqrt(squares / rows) || 1;
  }
  return { mean, scale };
}

/** Four sums side by side: one alone would wait for each addition to end before the next. */
function meanOf(column: Float64Array, start: number, end: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = start;
  for (; i + 3 < end; i += 4) {
    a += Math.fround(column[i]!);
    b += Math.fround(column[i + 1]!);
    c += Math.fround(column[i + 2]!);
    d += Math.fround(column[i + 3]!);
  }
  for (; i < end; i++) a += Math.fround(column[i]!);
  return (a + b + (c + d)) / (end - start);
}

function squaresAround(column: Float64Array, start: number, end: number, centre: number): number {
  let a = 0;
  let b = 0;
  let i = start;
  for (; i + 1 < end; i += 2) {
    const x = Math.fround(column[i]!) - centre;
    const y = Math.fround(column[i + 1]!) - centre;
    a += x * x;
    b += y * y;
  }
  if (i < end) a += (Math.fround(column[i]!) - centre) ** 2;
  return a + b;
}

/** Compared value by value: the computed variance of a constant such as 0.1 is not exactly 0. */
function isConstant(column: Float64Array): boolean {
  const first = Math.fround(column[0]!);
  for (let i = 1; i < column.length; i++) if (Math.fround(column[i]!) !== first) return false;
  return true;
}

function notFinite({ names, columns }: FeatureTable, j: number, start: number): Error {
  const row = columns[j]!.findIndex((value, i) => i >= start && !Number.isFinite(Math.fround(value)));
  return FitErrors.TrainingFeatureNotFinite(
    `feature ${names[j]}, row ${row}: got ${columns[j]![row]}, expected a finite float32 number`,
  );
}
