/** Some rows of a column of numbers: those that are there, close together, and where they were. */
export interface ColumnBlock {
  /** The `n` values that are there; what follows them means nothing. */
  values: Float64Array;
  /** Their 32-bit words, low word first. */
  words: Int32Array;
  n: number;
  /** For each row whether it has a value; absent where all have. */
  present?: Uint8Array;
  /** Values left out because they are infinite or not a number. */
  nonFinite: number;
}

/** The same rows of several columns. */
export interface Block {
  rows: number;
  columns: readonly ColumnBlock[];
}

/** The 32-bit words of doubles, low word first: Node runs on little-endian machines only. */
export const wordsOf = (values: Float64Array): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset, values.length * 2);

const EXPONENT = 0x7ff00000;
const EXPONENT_ONE = 0x00100000;

/** `valid`: a bit for each row, lowest first; undefined where all rows have a value. */
export function columnBlock(items: Float64Array, rows: number, valid: Uint8Array | undefined): ColumnBlock {
  const words = wordsOf(items);
  // One more in the exponent reaches the sign where all its bits are set: no branch, and no comparison, for each value.
  let odd = 0;
  for (let i = 1; i < 2 * rows; i += 2) odd |= ((words[i] as number) & EXPONENT) + EXPONENT_ONE;
  if (!valid && odd >= 0) return { values: items, words, n: rows, nonFinite: 0 };
  const present = new Uint8Array(rows);
  const values = new Float64Array(rows);
  let n = 0;
  let nonFinite = 0;
  for (let row = 0; row < rows; row++) {
    if (valid && (((valid[row >> 3] as number) >> (row & 7)) & 1) === 0) continue;
    if (((words[2 * row + 1] as number) & EXPONENT) === EXPONENT) {
      nonFinite++;
      continue;
    }
    present[row] = 1;
    values[n++] = items[row] as number;
  }
  return { values, words: wordsOf(values), n, nonFinite, ...(n < rows && { present }) };
}
