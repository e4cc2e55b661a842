import { WINDOW_SECONDS } from '../serving/contract.ts';

/** Rows as counts by bin of the baseline: what two lots of rows are added and taken apart by. */
export interface RowCounts {
  rows: number;
  features: Record<string, number[]>;
  outputs: number[];
}

export const NO_ROWS: RowCounts = { rows: 0, features: {}, outputs: [] };

/**
 * Which rows of a version no check has judged yet. A window holds the requests of some seconds and lines arrive late,
 * so a time alone cannot say: the mark also keeps what was judged of the windows that may still grow.
 */
export interface Mark {
  /** The first window, counted since the epoch, that may hold unjudged rows. */
  from: number;
  /** The window behind the last one that was read. */
  to: number;
  /** What was judged of the windows from `from` to `to`. */
  judged: RowCounts;
}

export const startAt = (window: number): Mark => ({ from: window, to: window, judged: NO_ROWS });

/** What some windows hold together, the first inclusive, the last exclusive. */
export type ReadRows = (from: number, to: number) => Promise<RowCounts>;

/** After that many seconds a window no longer grows: log delivery takes seconds, a collector's retries some minutes. */
const SETTLE_SECONDS = 600;
export const SETTLE_WINDOWS = SETTLE_SECONDS / WINDOW_SECONDS;

export interface Lot {
  /** The first window that was read. */
  from: number;
  rows: RowCounts;
  /** The mark to keep once these rows are judged. */
  next: Mark;
}

/**
 * The rows behind a mark. Every row is in exactly one lot, whenever checks run, as long as it arrives before its window
 * has settled: old traffic never thins out what is new.
 */
export async function readUnjudged(read: ReadRows, mark: Mark, now: number): Promise<Lot> {
  const end = Math.max(now + 1, mark.to);
  const settled = Math.max(mark.from, end - SETTLE_WINDOWS);
  // Each window is read once: read twice, a row that arrives between the reads would count as judged unseen.
  const cuts = [...new Set([mark.from, Math.min(settled, mark.to), Math.max(settled, mark.to), end])];
  const parts = await Promise.all(
    cuts.slice(0, -1).map(async (from, i) => ({ from, rows: await read(from, cuts[i + 1] as number) })),
  );
  const sum = (those: typeof parts) => those.reduce((total, part) => plus(total, part.rows), NO_ROWS);
  const seen = sum(parts.filter(({ from }) => from < mark.to));
  const unseen = sum(parts.filter(({ from }) => from >= mark.to));
  return {
    from: mark.from,
    rows: plus(minus(seen, mark.judged), unseen),
    next: { from: settled, to: end, judged: sum(parts.filter(({ from }) => from >= settled)) },
  };
}

const plus = (a: RowCounts, b: RowCounts) => combine(a, b, (x, y) => x + y);
/** Never below zero: windows expire, and then what was judged of them is gone as well. */
const minus = (a: RowCounts, b: RowCounts) => combine(a, b, (x, y) => Math.max(0, x - y));

function combine(a: RowCounts, b: RowCounts, each: (x: number, y: number) => number): RowCounts {
  const counts = (x: readonly number[] = [], y: readonly number[] = []) =>
    Array.from({ length: Math.max(x.length, y.length) }, (_, i) => each(x[i] ?? 0, y[i] ?? 0));
  const own = (from: RowCounts['features'], name: string) => (Object.hasOwn(from, name) ? from[name] : []);
  const names = new Set([...Object.keys(a.features), ...Object.keys(b.features)]);
  return {
    rows: each(a.rows, b.rows),
    features: Object.fromEntries(
      [...names].map((name) => [name, counts(own(a.features, name), own(b.features, name))]),
    ),
    outputs: counts(a.outputs, b.outputs),
  };
}

export const windowOf = (time: string | Date): number => Math.floor(new Date(time).getTime() / (WINDOW_SECONDS * 1000));
export const windowIso = (window: number): string => new Date(window * WINDOW_SECONDS * 1000).toISOString();
