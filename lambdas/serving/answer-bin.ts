/**
 * The bin of an answer on one scale for all models: tenths of [0, 1], where probabilities lie, and beyond that powers of
 * two by sign. Two bundles' answers are compared by it, whose own baselines have different bins.
 */
export function answerBin(value: number): string {
  if (value >= 0 && value <= 1) return `p${Math.min(9, Math.floor(value * 10))}`;
  if (!Number.isFinite(value)) return 'none';
  return `${value < 0 ? '-' : '+'}${Math.max(-20, Math.floor(Math.log2(Math.abs(value))))}`;
}
