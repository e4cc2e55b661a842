import {
  cohenKappa,
  fleissKappa,
  intervalAlpha,
  nominalAlpha,
  shareOfAgreeingPairs,
  tally,
} from './agreement-statistics.ts';
import { itemsOf, type LabelledItem, type LabelRow } from './label-rows.ts';

/** Two labellers over the items that both have labelled. */
export interface PairAgreement {
  labellers: [string, string];
  items: number;
  equal: number;
  /** Cohen's; absent where both give one and the same label only. */
  kappa?: number;
}

/** Counts of both splits; keys of the train split only. */
export interface Agreement {
  items: number;
  labels: number;
  /** Items with two labels or more: those that agreement is about. */
  itemsCompared: number;
  /** By how much they have labelled, most first. */
  labellers: { labeller: string; labels: number }[];
  /** Share of pairs of labels on one item that are equal; absent where nothing is labelled twice, as is what follows. */
  equalPairs?: number;
  /** Krippendorff's alpha for names; for numbers also by their distance. */
  alpha?: { nominal?: number; interval?: number };
  /** Absent where items have unequally many labels. */
  fleissKappa?: number;
  pairs: PairAgreement[];
  /** What stands against what on one item, most often first. */
  confusion: { labels: [string, string]; pairs: number }[];
  /** Items of the train split whose labels differ, those that are least clear first. */
  review: { key: string[]; labels: Record<string, number> }[];
  /** How many items differ in all, and in the train split. */
  differing: { all: number; train: number };
}

/** Answers have a size: the most that is listed of each. */
const MOST_LABELLERS = 20;
const MOST_CONFUSIONS = 50;

export function agreementOf(
  rows: readonly LabelRow[],
  { numeric, review }: { numeric: boolean; review: number },
): Agreement {
  const items = itemsOf(rows);
  const compared = items.filter(({ labels }) => labels.size > 1);
  const lists = compared.map(({ labels }) => [...labels.values()]);
  const labellers = byCount(tally(rows.map(({ labeller }) => labeller)), 'labeller', 'labels');
  const differing = compared.filter(({ labels }) => new Set(labels.values()).size > 1);
  const numbers = numeric ? intervalAlpha(lists.map((labels) => labels.map(Number))) : undefined;
  return {
    items: items.length,
    labels: rows.length,
    itemsCompared: compared.length,
    labellers,
    ...defined({
      equalPairs: shareOfAgreeingPairs(lists),
      alpha: compared.length > 0 ? defined({ nominal: nominalAlpha(lists), interval: numbers }) : undefined,
      // Of all items: one that a single labeller saw makes the number of labels unequal.
      fleissKappa: fleissKappa(items.map(({ labels }) => [...labels.values()])),
    }),
    pairs: pairsOf(
      compared,
      labellers.slice(0, MOST_LABELLERS).map(({ labeller }) => labeller),
    ),
    confusion: confusionOf(lists),
    review: queueOf(differing).slice(0, review),
    differing: { all: differing.length, train: differing.filter(({ split }) => split === 'train').length },
  };
}

const defined = <Whole extends object>(whole: Whole) =>
  Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Whole]?: Exclude<Whole[Name], undefined>;
  };

function byCount<Name extends string, Count extends string>(times: Map<string, number>, name: Name, count: Count) {
  return [...times]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([value, n]) => ({ [name]: value, [count]: n }) as Record<Name, string> & Record<Count, number>);
}

/** Over items and then their labels: two of many labellers have few items in common. */
function pairsOf(items: readonly LabelledItem[], labellers: readonly string[]): PairAgreement[] {
  const place = new Map(labellers.map((labeller, i) => [labeller, i]));
  const both = new Map<number, [string, string][]>();
  for (const { labels } of items) {
    const own = [...labels]
      .map(([labeller, label]) => ({ at: place.get(labeller) ?? -1, label }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at);
    own.forEach((one, i) => {
      for (const other of own.slice(i + 1)) {
        const id = one.at * labellers.length + other.at;
        const list = both.get(id) ?? [];
        list.push([one.label, other.label]);
        both.set(id, list);
      }
    });
  }
  return [...both]
    .sort(([a], [b]) => a - b)
    .map(([id, pairs]) => {
      const names = [labellers[Math.floor(id / labellers.length)], labellers[id % labellers.length]];
      const kappa = cohenKappa(pairs);
      return {
        labellers: names as [string, string],
        items: pairs.length,
        equal: pairs.filter(([a, b]) => a === b).length,
        ...(kappa !== undefined && { kappa }),
      };
    });
}

function confusionOf(lists: readonly (readonly string[])[]): Agreement['confusion'] {
  const times = new Map<string, number>();
  for (const labels of lists) {
    const counts = [...tally(labels)].sort(([a], [b]) => (a < b ? -1 : 1));
    counts.forEach(([one, n], i) => {
      for (const [other, m] of counts.slice(i + 1)) {
        const both = JSON.stringify([one, other]);
        times.set(both, (times.get(both) ?? 0) + n * m);
      }
    });
  }
  return byCount(times, 'both', 'pairs')
    .slice(0, MOST_CONFUSIONS)
    .map(({ both, pairs }) => ({ labels: JSON.parse(both) as [string, string], pairs }));
}

function queueOf(differing: readonly LabelledItem[]): Agreement['review'] {
  return differing
    .filter(({ split }) => split === 'train')
    .map(({ key, labels }) => {
      const counts = [...tally(labels.values())].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
      return { key, labels: Object.fromEntries(counts), clear: (counts[0]?.[1] ?? 0) / labels.size, size: labels.size };
    })
    .sort((a, b) => a.clear - b.clear || b.size - a.size || (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1))
    .map(({ key, labels }) => ({ key, labels }));
}
