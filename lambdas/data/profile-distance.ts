import type { ColumnProfile } from './profile.ts';

/** How far two columns lie apart, from their pictures. */
export interface ColumnDistance {
  /**
   * Largest difference of the two cumulative shares (Kolmogorov and Smirnov's), values spread evenly within a bin; of
   * texts and booleans the share that would have to change its value (total variation). 0 is equal, 1 shares nothing.
   */
  distance: number;
  /** Population stability index over the earlier one's bins. */
  psi: number;
}

/** Shares of the values between edges. */
interface Shape {
  edges: number[];
  shares: number[];
}

/** Undefined where one of the two has no values, or where they are not of one kind. */
export function distanceOf(before: ColumnProfile, after: ColumnProfile): ColumnDistance | undefined {
  const [earlier, later] = [shapeOf(before), shapeOf(after)];
  if (earlier && later) {
    return { distance: rounded(largestGap(earlier, later)), psi: rounded(stability(earlier, later)) };
  }
  if (!before.top?.length || !after.top?.length) return undefined;
  const values = [...new Set([...before.top, ...after.top].map(({ value }) => value))];
  const pairs = values.map((value) => [shareOf(before, value), shareOf(after, value)] as const);
  const rest = pairs.reduce(([a, b], [p, q]) => [a - p, b - q] as const, [1, 1] as readonly [number, number]);
  const all = [...pairs, rest];
  return {
    distance: rounded(all.reduce((sum, [p, q]) => sum + Math.abs(p - q), 0) / 2),
    psi: rounded(all.reduce((sum, [p, q]) => sum + psiTerm(p, q), 0)),
  };
}

const rounded = (value: number) => Math.max(0, Number(value.toFixed(6)));

const shareOf = ({ top = [], count }: ColumnProfile, value: string) =>
  (top.find((each) => each.value === value)?.count ?? 0) / count;

/** A share of nothing would make the index infinite. */
const LEAST_SHARE = 1e-4;
const psiTerm = (before: number, after: number) => {
  const [p, q] = [Math.max(before, LEAST_SHARE), Math.max(after, LEAST_SHARE)];
  return before === after ? 0 : (q - p) * Math.log(q / p);
};

function shapeOf({ histogram, min, max, count }: ColumnProfile): Shape | undefined {
  if (!histogram || min === undefined || max === undefined || count === 0) return undefined;
  if (histogram.kind === 'time') {
    const [first, last] = [Date.parse(String(min)), Date.parse(String(max))];
    const edges = [...histogram.counts.map(({ from }) => Math.max(first, Date.parse(from))), last];
    return { edges, shares: histogram.counts.map((each) => each.count / count) };
  }
  const { low, width, counts, below, above } = histogram;
  const [first, last] = [Number(min), Number(max)];
  const inner = Array.from({ length: counts.length + 1 }, (_, i) => Math.min(last, Math.max(first, low + i * width)));
  return { edges: [first, ...inner, last], shares: [below, ...counts, above].map((each) => each / count) };
}

/** Share of values up to `x`; `open` leaves those at `x` itself out, which matters where a bin is one value wide. */
function cumulative({ edges, shares }: Shape, x: number, open: boolean): number {
  let sum = 0;
  for (const [i, share] of shares.entries()) {
    const [from, to] = [edges[i] as number, edges[i + 1] as number];
    if (to < x || (to === x && !(open && from === to))) sum += share;
    else if (from < x) sum += (share * (x - from)) / (to - from);
  }
  return sum;
}

function largestGap(a: Shape, b: Shape): number {
  let gap = 0;
  for (const x of [...a.edges, ...b.edges])
    for (const open of [false, true]) gap = Math.max(gap, Math.abs(cumulative(a, x, open) - cumulative(b, x, open)));
  return gap;
}

/** Neighbouring bins are taken together until they hold this share, as the index is meant: empty ones would rule it. */
const TENTH = 0.1;

function stability(before: Shape, after: Shape): number {
  const last = before.edges.at(-1) as number;
  let [sum, from, shareBefore, shareAfter] = [0, Number.NEGATIVE_INFINITY, 0, 0];
  for (const edge of new Set(before.edges.slice(1))) {
    const share = cumulative(before, edge, false) - shareBefore;
    if (edge === last || share < TENTH || 1 - shareBefore - share < TENTH) continue;
    const upTo = cumulative(after, edge, false);
    sum += psiTerm(share, upTo - shareAfter);
    [from, shareBefore, shareAfter] = [edge, shareBefore + share, upTo];
  }
  // Before everything in one bin: what is outside of its values is told apart from them.
  if (from !== Number.NEGATIVE_INFINITY) return sum + psiTerm(1 - shareBefore, 1 - shareAfter);
  const inside = cumulative(after, last, false) - cumulative(after, before.edges[0] as number, true);
  return psiTerm(1, inside) + psiTerm(0, 1 - inside);
}
