import type { BaselineColumn } from '../training/contract.ts';
import { DriftErrors } from './drift-errors.ts';
import {
  type Counts,
  jensenShannonDivergence,
  kolmogorovSmirnov,
  stabilityIndex,
  totalVariation,
  wasserstein,
} from './histogram-distance.ts';

/** How far a window's rows lie from the baseline's. */
export interface Drift {
  /** Population stability index over merged bins, missing values a bin of their own. */
  readonly psi: number;
  /** Of the values that are not missing, over the baseline's own bins, 0 to 1. */
  readonly ks: number;
  /** First Wasserstein distance, in the column's unit. */
  readonly w1: number;
  /** Jensen–Shannon divergence in bits, 0 to 1; its root is the distance. */
  readonly js: number;
  readonly totalVariation: number;
}

/**
 * The index is taken over bins of at least a tenth of the baseline, as thin bins turn chance into drift: the weather of
 * Seattle in 2015 against the three years before comes to 0.097 over 20 bins and to 0.067 over tenths, New York's wind
 * to 1.00 and 0.96.
 */
const LEAST_SHARE = 0.1;

/**
 * Drift of one column. `window` counts rows by `binIndex` of the baseline's edges: its value bins, then missing; bins
 * that no row fell into may be absent at the end. How many rows a verdict needs is the caller's rule.
 * @throws DriftInputInvalid for a count that is none, and for a side without rows
 */
export function columnDrift(baseline: BaselineColumn, window: Counts): Drift {
  const bins = baseline.counts.length;
  if (window.length > bins + 1) {
    throw DriftErrors.DriftInputInvalid(
      `${baseline.name}: got ${window.length} bins, expected at most ${bins + 1}, missing included`,
    );
  }
  const counts = Array.from({ length: bins + 1 }, (_, i) => window[i] ?? 0);
  const missing = counts.pop()!;
  const index = (was: readonly number[], is: readonly number[]) =>
    baseline.missing + missing === 0
      ? stabilityIndex(was, is)
      : stabilityIndex([...was, baseline.missing], [...is, missing]);
  const merged = groupBins(baseline.counts, LEAST_SHARE);
  const groups = merged.at(-1) === 0 ? largestApart(baseline.counts) : merged;
  const psi = index(addGroups(baseline.counts, groups), addGroups(counts, groups));
  if (!hasRows(baseline.counts) || !hasRows(counts)) return { psi, ...onlyMissing(baseline) };
  return {
    psi,
    ks: kolmogorovSmirnov(baseline.counts, counts),
    w1: wasserstein(binPositions(baseline), baseline.counts, counts),
    js: jensenShannonDivergence(baseline.counts, counts),
    totalVariation: totalVariation(baseline.counts, counts),
  };
}

/**
 * A group for each bin: neighbours are merged from the left until each group holds `leastShare` of the rows, and what
 * is left over joins the last group.
 */
export function groupBins(counts: Counts, leastShare: number): number[] {
  const list = Array.from(counts);
  let rest = list.reduce((sum, count) => sum + count, 0);
  const needed = leastShare * rest;
  let group = 0;
  let held = 0;
  return list.map((count) => {
    const own = group;
    held += count;
    rest -= count;
    if (held >= needed && rest >= needed && rest > 0) {
      group++;
      held = 0;
    }
    return own;
  });
}

/**
 * Two groups for a column that merging would leave as one: its largest bin, and all others. Else neither a constant that
 * changes nor a rare event that becomes the rule would be seen.
 */
function largestApart(counts: readonly number[]): number[] {
  const largest = counts.indexOf(Math.max(...counts));
  return counts.map((_, bin) => (bin === largest ? 0 : 1));
}

function addGroups(counts: Counts, groups: readonly number[]): number[] {
  const sums = new Array<number>(Math.max(...groups) + 1).fill(0);
  for (const [bin, group] of groups.entries()) sums[group] = sums[group]! + counts[bin]!;
  return sums;
}

/** Where a bin's rows are taken to be: its middle; the open bins end at the baseline's least and largest value. */
export function binPositions({ edges, min, max }: BaselineColumn): number[] {
  const least = Math.min(min ?? 0, edges[0] ?? Infinity);
  const most = Math.max(max ?? 0, edges.at(-1) ?? -Infinity);
  const ends = [least, ...edges, most];
  return ends.slice(1).map((end, i) => (ends[i]! + end) / 2);
}

const hasRows = (counts: readonly number[]): boolean => counts.some((count) => count > 0);

/** No values on one side: as far apart as the baseline's own range allows. */
function onlyMissing({ min, max }: BaselineColumn): Omit<Drift, 'psi'> {
  return { ks: 1, w1: min === null || max === null ? 0 : max - min, js: 1, totalVariation: 1 };
}
