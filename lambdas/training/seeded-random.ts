/**
 * A repeatable source of 32-bit numbers: sfc32 (Chris Doty-Humphrey, PractRand; public domain), seeded through its own
 * mixing. Equal seeds give equal sequences on every machine; not for secrets.
 */
export function seededRandom(seed: number): () => number {
  let a = seed | 0;
  let b = 0x9e3779b9 | 0;
  let c = 0x243f6a88 | 0;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** A whole number from 0 to `below` - 1, `below` up to 2³²: biased by less than `below` / 2³². */
export const nextBelow = (random: () => number, below: number): number => ((random() / 2 ** 32) * below) >>> 0;
