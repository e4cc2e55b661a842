/** Twelve digits are more than any margin means, and fewer than what binary fractions add. */
const plain = (value: number): number => Number(value.toPrecision(12)) + 0;

/** The largest of 1, 2 and 5 times a power of ten that is at most `size`. */
function stepBelow(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const times = [5, 2, 1].find((each) => each * power <= size * (1 + 1e-12)) ?? 1;
  return times * power;
}

interface Bounds {
  min: number;
  max: number;
}

/**
 * Bounds around what was seen, a tenth of its span away and rounded outwards to numbers that people write: 3.2 to 55.9
 * becomes -5 to 65. What never crossed zero does not: a negative amount of rain is no rain.
 * @returns undefined where such numbers cannot be written
 */
export function boundsAround({ min, max }: Bounds, whole: boolean): Bounds | undefined {
  const span = max - min || Math.abs(max) || 1;
  const margin = whole ? Math.max(span / 10, 1) : span / 10;
  const step = stepBelow(margin);
  const below = plain(Math.floor((min - margin) / step) * step);
  const above = plain(Math.ceil((max + margin) / step) * step);
  const bounds = { min: min >= 0 ? Math.max(0, below) : below, max: max <= 0 ? Math.min(0, above) : above };
  const limit = whole ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE;
  const sound = [bounds.min, bounds.max, step].every((each) => Math.abs(each) <= limit) && step > 0;
  return sound && bounds.min <= min && bounds.max >= max ? bounds : undefined;
}

/** The next number of two digits that is not below a positive one: 0.01234 becomes 0.013. */
export function roundedUp(value: number): number {
  const power = 10 ** (Math.floor(Math.log10(value)) - 1);
  const up = plain(Math.ceil(plain(value / power)) * power);
  return up < value ? plain(up + power) : up;
}
