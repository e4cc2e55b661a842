/** Whole numbers as intervals, both ends inclusive, in order and apart: a thousand old versions are one pair. */
export type Ranges = { from: number; to: number }[];

export const isGone = (ranges: Ranges | undefined, number: number): boolean =>
  (ranges ?? []).some(({ from, to }) => from <= number && number <= to);

/** The ranges with one more number, which may join two. */
export function withNumber(ranges: Ranges | undefined, number: number): Ranges {
  if (isGone(ranges, number)) return ranges as Ranges;
  const joined: Ranges = [];
  for (const { from, to } of [...(ranges ?? []), { from: number, to: number }].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && last.to === from - 1) last.to = to;
    else joined.push({ from, to });
  }
  return joined;
}
