/** A whole number of 64 bits; a bigint only where a double does not hold it. */
export type Int64 = number | bigint;
