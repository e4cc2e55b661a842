/**
 * Doubles sorted into buckets by their leading bits: sign, exponent and the first 6 bits of the mantissa, 64 buckets an
 * octave. Buckets do not depend on the data, so counts of two parts of a column add up to those of the whole.
 */
export const BUCKETS = 1 << 18;

/** No value of a bucket is further from its middle than this share of itself (normal doubles). */
export const BUCKET_ERROR = 1 / 128;

/** An order-preserving key: the high word of a double as an unsigned number that grows with the value. */
export const orderedHigh = (high: number): number => (high ^ ((high >> 31) | 0x80000000)) >>> 0;
/** The low word that belongs to it. */
export const orderedLow = (high: number, low: number): number => (high < 0 ? ~low : low) >>> 0;

const scratch = new Float64Array(1);
/** Low word first: Node runs on little-endian machines only. */
const words = new Uint32Array(scratch.buffer);

/** The double with these ordered words. */
export function doubleOf(high: number, low: number): number {
  const negative = high < 0x80000000;
  words[1] = negative ? ~high : high ^ 0x80000000;
  words[0] = negative ? ~low : low;
  return scratch[0] as number;
}

/** The first bucket that may hold values not below this one: those before it need no look. Zero lies in two of them. */
export function firstBucket(least: number): number {
  scratch[0] = least === 0 ? -0 : least;
  return orderedHigh(words[1] as number) >>> 14;
}

/** The value in the middle of a bucket; of those around zero, zero. */
export function middleOf(bucket: number): number {
  const low = doubleOf((bucket << 14) >>> 0, 0);
  const high = doubleOf(((bucket << 14) | 0x3fff) >>> 0, 0xffffffff);
  const middle = low / 2 + high / 2;
  return Math.abs(middle) < 1e-300 ? 0 : middle;
}
