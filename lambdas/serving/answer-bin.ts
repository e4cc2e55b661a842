/**
 * The bin of an answer on one scale for all models: tenths of [0, 1], where probabilities lie, and beyond that powers of
 * two by sign. Two bundles' answers are compared by it, whose own baselines have different bins.
 */
export function answerBin(value: number): string {
  if (value >= 0 && value <= 1) return `p${Math.min(9, Math.floor(value * 10))}`;
  if (!Number.isFinite(value)) return 'none';
  return `${value < 0 ? '-' : '+'}${Math.max(-20, Math.floor(Math.log2(Math.abs(value))))}`;
}

/** A column of answers by bin: every `stride`-th value from `offset`. Probabilities are counted without naming each. */
export function countAnswers(values: ArrayLike<unknown>, offset: number, stride: number): Record<string, number> {
  const tenths = new Uint32Array(10);
  const counts: Record<string, number> = {};
  for (let at = offset; at < values.length; at += stride) {
    const value = Number(values[at]);
    if (value >= 0 && value <= 1) {
      const tenth = value === 1 ? 9 : Math.floor(value * 10);
      tenths[tenth] = (tenths[tenth] as number) + 1;
    } else {
      const bin = answerBin(value);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  for (let tenth = 0; tenth < 10; tenth++) {
    if (tenths[tenth]) counts[`p${tenth}`] = tenths[tenth] as number;
  }
  return counts;
}
