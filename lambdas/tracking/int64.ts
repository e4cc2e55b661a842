/** A whole number of 64 bits; a bigint only where a double does not hold it. */
export type Int64 = number | bigint;

export const narrowed = (whole: bigint): Int64 =>
  whole >= Number.MIN_SAFE_INTEGER && whole <= Number.MAX_SAFE_INTEGER ? Number(whole) : whole;
