import { tally } from './agreement-statistics.ts';
import { itemsOf, type LabelRow } from './label-rows.ts';

export interface Consensus {
  resolved: { key: string[]; label: string; share: number; labellers: number }[];
  /** Items that people have to look at: no label has the share, or two have the most. */
  open: { key: string[]; labels: Record<string, number> }[];
  /** Items of the held-out part, which are not named. */
  heldOut: number;
}

/** The label that at least `minAgreement` of an item's labellers gave, and more of them than any other. */
export function consensusOf(
  rows: readonly LabelRow[],
  { minAgreement, minLabellers }: { minAgreement: number; minLabellers: number },
): Consensus {
  const found: Consensus = { resolved: [], open: [], heldOut: 0 };
  for (const { key, split, labels } of itemsOf(rows)) {
    if (split === 'test') {
      found.heldOut++;
      continue;
    }
    const counts = [...tally(labels.values())].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    const [[label, most] = ['', 0], [, next] = ['', 0]] = counts;
    const share = most / labels.size;
    if (labels.size >= minLabellers && share >= minAgreement && most > next)
      found.resolved.push({ key, label, share, labellers: labels.size });
    else found.open.push({ key, labels: Object.fromEntries(counts) });
  }
  return found;
}
