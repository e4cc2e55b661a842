import type { Block } from './column-block.ts';
import type { Correlations } from './profile.ts';

/** 1,225 pairs: more than a picture can show, and a second for each million rows. */
export const MAX_CORRELATED = 50;

/** Sums over the rows where two columns both have a value, of distances from their means. */
interface Pair {
  n: number;
  x: number;
  y: number;
  xx: number;
  yy: number;
  xy: number;
}

/**
 * Adds up products of columns that are already centred by their means, which is what keeps them exact. Where a row has
 * no value, its centred value must be 0.
 */
export class CorrelationScan {
  private readonly order: readonly number[];
  private readonly pairs: Pair[][];

  /** `order`: which columns of a block. */
  constructor(order: readonly number[]) {
    this.order = order;
    this.pairs = order.map((_, i) => Array.from({ length: i }, () => ({ n: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 })));
  }

  add({ rows, columns }: Block, centred: readonly Float64Array[]): void {
    const values = this.order.map((at) => centred[at] as Float64Array);
    const present = this.order.map((at) => columns[at]?.present);
    const own = values.map((each) => ownSums(each, rows));
    const products = new Float64Array(values.length + 3);
    for (let i = 1; i < values.length; i++) {
      const a = values[i] as Float64Array;
      for (let j = 0; j < i; j += 4) {
        const last = i - 1;
        const [b0, b1, b2, b3] = [j, j + 1, j + 2, j + 3].map((at) => values[Math.min(at, last)] as Float64Array);
        fourProducts(
          products,
          j,
          a,
          b0 as Float64Array,
          b1 as Float64Array,
          b2 as Float64Array,
          b3 as Float64Array,
          rows,
        );
      }
      for (let j = 0; j < i; j++) {
        const pair = this.pairs[i]?.[j] as Pair;
        const [mine, theirs] = [present[i], present[j]];
        if (mine || theirs) addSums(pair, a, values[j] as Float64Array, mine, theirs, rows);
        else {
          const [[x, xx], [y, yy]] = [own[i] as Sums, own[j] as Sums];
          pair.n += rows;
          pair.x += x;
          pair.y += y;
          pair.xx += xx;
          pair.yy += yy;
        }
        pair.xy += products[j] as number;
      }
    }
  }

  get rows(): Correlations['rows'] {
    return this.pairs.slice(1).map((row) => row.map(coefficient));
  }
}

type Sums = readonly [sum: number, squares: number];

function ownSums(values: Float64Array, rows: number): Sums {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < rows; i++) {
    const x = values[i] as number;
    sum += x;
    squares += x * x;
  }
  return [sum, squares];
}

/** Of one column with four others: each value is read once for four products, and no sum waits for another. */
function fourProducts(
  into: Float64Array,
  at: number,
  a: Float64Array,
  b0: Float64Array,
  b1: Float64Array,
  b2: Float64Array,
  b3: Float64Array,
  n: number,
): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < n; i++) {
    const x = a[i] as number;
    s0 += x * (b0[i] as number);
    s1 += x * (b1[i] as number);
    s2 += x * (b2[i] as number);
    s3 += x * (b3[i] as number);
  }
  into[at] = s0;
  into[at + 1] = s1;
  into[at + 2] = s2;
  into[at + 3] = s3;
}

/** The sums of a pair of which one lacks values in some of the rows; its products need no look at them. */
function addSums(
  pair: Pair,
  a: Float64Array,
  b: Float64Array,
  presentA: Uint8Array | undefined,
  presentB: Uint8Array | undefined,
  rows: number,
): void {
  for (let i = 0; i < rows; i++) {
    if ((presentA && presentA[i] === 0) || (presentB && presentB[i] === 0)) continue;
    const x = a[i] as number;
    const y = b[i] as number;
    pair.n++;
    pair.x += x;
    pair.y += y;
    pair.xx += x * x;
    pair.yy += y * y;
  }
}

function coefficient({ n, x, y, xx, yy, xy }: Pair): number | null {
  const [varX, varY] = [xx - (x * x) / n, yy - (y * y) / n];
  // What rounding leaves of a column that does not vary is no variance.
  if (n < 2 || !(varX > xx * 1e-14) || !(varY > yy * 1e-14)) return null;
  const r = (xy - (x * y) / n) / Math.sqrt(varX) / Math.sqrt(varY);
  if (!Number.isFinite(r)) return null;
  // The order of rows shows in the last of 16 digits only.
  return Number(Math.max(-1, Math.min(1, r)).toFixed(12)) + 0;
}
