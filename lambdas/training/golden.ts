import * as z from 'zod';
import type { FeatureTable } from './feature-table.ts';

/** One tensor as a request of the Open Inference Protocol V2 carries it, row-major. */
const GoldenTensor = z.strictObject({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data: z.array(z.number()),
});
export type GoldenTensor = z.output<typeof GoldenTensor>;

/**
 * Real rows with the answers that onnxruntime gave when the model was made: `golden.json` of a bundle. Whoever serves
 * the model gives `inputs` and expects `outputs`, floating point numbers within `tolerance`, all others exactly.
 */
export const Golden = z.strictObject({
  schema: z.literal('millrace/golden/1'),
  rows: z.int().positive(),
  inputs: z.array(GoldenTensor).min(1),
  outputs: z.array(GoldenTensor).min(1),
  /** Largest absolute difference of a floating point number. */
  tolerance: z.number().positive(),
});
export type Golden = z.output<typeof Golden>;

const GOLDEN_ROWS = 50;
/** Between two builds of onnxruntime; a float32 probability has steps of 6e-8. */
const TOLERANCE = 1e-6;

/** Rows spread evenly over a table: at most 50, its first and its last among them. */
export function goldenRows(rows: number, wanted = GOLDEN_ROWS): number[] {
  const count = Math.min(rows, wanted);
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((i * (rows - 1)) / (count - 1))));
}

/** The table's rows of these positions, in this order. */
export const takeRows = ({ names, columns }: FeatureTable, rows: readonly number[]): FeatureTable => ({
  names,
  columns: columns.map((column) => Float64Array.from(rows, (row) => column[row] as number)),
});

export const goldenOf = ({ names, columns }: FeatureTable, outputs: readonly GoldenTensor[]): Golden => {
  const rows = columns[0]?.length ?? 0;
  return {
    schema: 'millrace/golden/1',
    rows,
    inputs: names.map((name, i) => ({
      name,
      datatype: 'FP32',
      shape: [rows, 1],
      data: Array.from(columns[i] as Float64Array, Math.fround),
    })),
    outputs: [...outputs],
    tolerance: TOLERANCE,
  };
};
