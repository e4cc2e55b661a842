/**
 * How far labellers agree beyond chance. Items are lists of what their labellers called them; each labeller's word on an
 * item counts once. Every statistic is the textbook's, exact, and undefined where it has no value: where all labels are
 * one, chance would agree as well.
 */
export type Labelling = readonly string[];

/** Pairs of labels of one item that are equal, among all such pairs; undefined where no item has two labels. */
export function shareOfAgreeingPairs(items: readonly Labelling[]): number | undefined {
  let [equal, all] = [0, 0];
  for (const labels of items) {
    for (const times of tally(labels).values()) equal += times * (times - 1);
    all += labels.length * (labels.length - 1);
  }
  return all === 0 ? undefined : equal / all;
}

/** Cohen (1960), of two labellers over the items that both have labelled. */
export function cohenKappa(pairs: readonly (readonly [string, string])[]): number | undefined {
  const [ones, others] = [tally(pairs.map(([one]) => one)), tally(pairs.map(([, other]) => other))];
  const n = pairs.length;
  const equal = pairs.filter(([one, other]) => one === other).length;
  let chance = 0;
  for (const [label, times] of ones) chance += times * (others.get(label) ?? 0);
  // In whole numbers as long as possible: a chance of exactly one is then found.
  return n === 0 || chance === n * n ? undefined : (equal * n - chance) / (n * n - chance);
}

/** Fleiss (1971): every item has equally many labels, at least two, whoever gave them. */
export function fleissKappa(items: readonly Labelling[]): number | undefined {
  const each = items[0]?.length ?? 0;
  if (each < 2 || items.some(({ length }) => length !== each)) return undefined;
  const observed = shareOfAgreeingPairs(items) as number;
  const all = items.length * each;
  let chance = 0;
  for (const times of tally(items.flat()).values()) chance += times * times;
  return chance === all * all ? undefined : (observed - chance / (all * all)) / (1 - chance / (all * all));
}

/** Krippendorff's alpha for names: any number of labellers, labels may be missing. */
export function nominalAlpha(items: readonly Labelling[]): number | undefined {
  const paired = items.filter(({ length }) => length > 1);
  let observed = 0;
  const totals = new Map<string, number>();
  let n = 0;
  for (const labels of paired) {
    const m = labels.length;
    n += m;
    let unequal = m * m;
    for (const [label, times] of tally(labels)) {
      unequal -= times * times;
      totals.set(label, (totals.get(label) ?? 0) + times);
    }
    observed += unequal / (m - 1);
  }
  let expected = n * n;
  for (const times of totals.values()) expected -= times * times;
  return expected === 0 ? undefined : 1 - ((n - 1) * observed) / expected;
}

/** Krippendorff's alpha for numbers, whose disagreement is the square of their difference. */
export function intervalAlpha(items: readonly (readonly number[])[]): number | undefined {
  const paired = items.filter(({ length }) => length > 1);
  const all = paired.flat();
  // The sum of all squared differences of n numbers is 2 n times the squares around their mean.
  const expected = 2 * all.length * squaresAroundMean(all);
  let observed = 0;
  for (const numbers of paired) observed += (2 * numbers.length * squaresAroundMean(numbers)) / (numbers.length - 1);
  return expected === 0 || !Number.isFinite(expected) ? undefined : 1 - ((all.length - 1) * observed) / expected;
}

function squaresAroundMean(numbers: readonly number[]): number {
  let mean = 0;
  let squares = 0;
  numbers.forEach((value, i) => {
    const before = mean;
    mean += (value - mean) / (i + 1);
    squares += (value - before) * (value - mean);
  });
  return squares;
}

/** How often each label stands in a list. */
export function tally(labels: Iterable<string>): Map<string, number> {
  const times = new Map<string, number>();
  for (const label of labels) times.set(label, (times.get(label) ?? 0) + 1);
  return times;
}
