import * as z from 'zod';
import type { FeatureTable } from './feature-table.ts';

const Count = z.int().nonnegative();

/**
 * A column's histogram. `edges` rise and are float32; bin i holds edges[i - 1] < x ≤ edges[i], so that a value that many
 * rows share (no rain at all) ends a bin of its own. The first and the last bin are open.
 */
export const BaselineColumn = z
  .strictObject({
    name: z.string(),
    edges: z.array(z.number()),
    /** Rows by bin, one more than edges. */
    counts: z.array(Count).min(1),
    missing: Count,
    /** null where every row is missing. */
    min: z.number().nullable(),
    max: z.number().nullable(),
  })
  .refine(({ edges, counts }) => counts.length === edges.length + 1, 'expected one count more than edges')
  .refine(({ edges }) => edges.every((edge, i) => i === 0 || edge > edges[i - 1]!), 'expected rising edges');
export type BaselineColumn = z.output<typeof BaselineColumn>;

/** What the model was trained on, as `baseline.json` of its bundle: counts only, no row. */
export const Baseline = z.strictObject({
  schema: z.literal('millrace/baseline/1'),
  rows: Count,
  features: z.array(BaselineColumn),
  /** The model's own answers on those rows. */
  output: BaselineColumn,
});
export type Baseline = z.output<typeof Baseline>;

/** Bins of about 5 % of the rows each: fine enough for distances, and merged into larger ones for the index. */
const QUANTILES = 20;
const SCORE_BINS = 20;

/** The baseline of a model: features by their quantiles, scores by equal steps of [0, 1]. NaN is missing. */
export function measureBaseline({ names, columns }: FeatureTable, outputName: string, scores: Float64Array): Baseline {
  const scoreEdges = Array.from({ length: SCORE_BINS - 1 }, (_, i) => Math.fround((i + 1) / SCORE_BINS));
  return {
    schema: 'millrace/baseline/1',
    rows: scores.length,
    features: columns.map((column, j) => countColumn(names[j]!, column, quantileEdges(column))),
    output: countColumn(outputName, scores, scoreEdges),
  };
}

/**
 * The bin of a value: 0 to edges.length, and edges.length + 1 for NaN. On the request path: allocates nothing.
 * Values are compared as they are, so hand in float32 ones.
 */
export function binIndex(edges: ArrayLike<number>, value: number): number {
  // biome-ignore lint/suspicious/noSelfCompare: NaN alone differs from itself, and this is the hot path
  if (value !== value) return edges.length + 1;
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Values below which about i / 20 of the rows lie, each once: values of the data themselves, so exact float32.
 * A constant gets an edge on both sides, so that any other value falls into another bin.
 */
function quantileEdges(column: Float64Array): number[] {
  const sorted = Float32Array.from(column.filter((value) => !Number.isNaN(value))).sort();
  if (sorted.length === 0) return [];
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  if (least === most) return [previousFloat32(least), least];
  const edges: number[] = [];
  for (let i = 1; i < QUANTILES; i++) {
    const edge = sorted[Math.ceil((sorted.length * i) / QUANTILES) - 1]!;
    if (edge !== edges.at(-1)) edges.push(edge);
  }
  return edges;
}

function countColumn(name: string, column: Float64Array, edges: number[]): BaselineColumn {
  const counts = new Array<number>(edges.length + 2).fill(0);
  let min = Infinity;
  let max = -Infinity;
  for (const wide of column) {
    const value = Math.fround(wide);
    const bin = binIndex(edges, value);
    counts[bin] = counts[bin]! + 1;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const missing = counts.pop()!;
  const empty = missing === column.length;
  // Adding zero turns -0 into 0: JSON has no -0, and a digest must not depend on it.
  return { name, edges, counts, missing, min: empty ? null : min + 0, max: empty ? null : max + 0 };
}

/** The next smaller float32. */
function previousFloat32(value: number): number {
  const bits = new Int32Array(Float32Array.of(value).buffer);
  if (value === 0) return -(2 ** -149);
  bits[0] = bits[0]! + (value > 0 ? -1 : 1);
  return new Float32Array(bits.buffer)[0]!;
}
