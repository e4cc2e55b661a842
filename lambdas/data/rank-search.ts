import { wordsOf } from './column-block.ts';
import { BUCKETS, doubleOf, firstBucket, orderedHigh, orderedLow } from './float-buckets.ts';

/** Values whose leading bits are the same, some of which are wanted. */
interface Target {
  /** Ordered words of one of them; the bits of levels to come mean nothing. */
  high: number;
  low: number;
  /** How many values of the column are smaller than all of these. */
  before: number;
  size: number;
  /** Places in the sorted column, ascending. */
  ranks: number[];
}

/** The 64 bits of a key in four steps; the first is that of the buckets. */
const DIGITS = [BUCKETS, 1 << 14, 1 << 16, 1 << 16];
const SOLVED = DIGITS.length;
/** No bucket at all; never written. */
const NONE = new Uint8Array(BUCKETS);
/** Fewer values than this are sorted. */
const FEW = 256;

const digitOf = (level: number, high: number, low: number): number =>
  level === 1 ? high & 0x3fff : level === 2 ? low >>> 16 : low & 0xffff;

const belongs = (target: Target, level: number, h: number, l: number): boolean =>
  level === 1 ? h >>> 14 === target.high >>> 14 : h === target.high && (level === 2 || l >>> 16 === target.low >>> 16);

/**
 * Finds values by their places in a column's sorted order without sorting it: counts of the leading bits say in which
 * bucket each place lies; that bucket's values are gathered where they are few, else counted by their next bits.
 */
export class RankSearch {
  /** Not 0 for the buckets whose values are to be gathered in the next pass: the one target of each, counted from 1. */
  gathers = NONE;
  /** The first target of each bucket, counted from 1, while values are counted. */
  private slots = NONE;
  /** The array for the values that the next pass gathers. */
  gathered = new Float64Array(0);
  private readonly found = new Map<number, number>();
  private targets: Target[];
  private level = 1;
  private counts: Uint32Array[] = [];

  private readonly most: number;

  /** `least`: the smallest value; `most`: how many values may be gathered at once. */
  constructor(counts: Uint32Array, ranks: readonly number[], { least, most }: { least: number; most: number }) {
    this.most = most;
    const sorted = [...new Set(ranks)].sort((a, b) => a - b);
    this.targets = narrowed({ high: 0, low: 0, before: 0, size: 0, ranks: sorted }, 0, counts, firstBucket(least));
    this.prepare();
  }

  get done(): boolean {
    return this.targets.length === 0;
  }

  /** Whether the next pass must `count` each value instead of gathering some. */
  get counting(): boolean {
    return this.counts.length > 0;
  }

  count(values: Float64Array, n: number): void {
    const words = wordsOf(values);
    const { slots, targets, level, counts } = this;
    for (let i = 0; i < n; i++) {
      const high = words[2 * i + 1] as number;
      const h = orderedHigh(high);
      const slot = slots[h >>> 14] as number;
      if (slot === 0) continue;
      const l = orderedLow(high, words[2 * i] as number);
      // Targets of one bucket are neighbours.
      for (let t = slot - 1; t < targets.length; t++) {
        const target = targets[t] as Target;
        if (target.high >>> 14 !== h >>> 14) break;
        if (!belongs(target, level, h, l)) continue;
        const own = counts[t] as Uint32Array;
        const digit = digitOf(level, h, l);
        own[digit] = (own[digit] as number) + 1;
        break;
      }
    }
  }

  /** Ends a pass. */
  next(): void {
    if (this.counting) {
      this.targets = this.targets.flatMap((target, t) => narrowed(target, this.level, this.counts[t] as Uint32Array));
      this.level++;
      this.prepare();
      return;
    }
    for (const [t, own] of this.gatheredByTarget().entries()) this.pick(this.targets[t] as Target, this.level, own);
    this.targets = [];
    this.gathered = new Float64Array(0);
  }

  at(rank: number): number {
    return this.found.get(rank) as number;
  }

  private prepare(): void {
    this.gathers = NONE;
    this.counts = [];
    if (this.level === SOLVED) {
      for (const { high, low, ranks } of this.targets)
        for (const rank of ranks) this.found.set(rank, doubleOf(high, low));
      this.targets = [];
      return;
    }
    // Gathering is by bucket: a bucket is whole, whatever later bits have ruled out.
    const size = this.targets.reduce((sum, target) => sum + target.size, 0);
    if (size > this.most || this.level > 1) {
      this.counts = this.targets.map(() => new Uint32Array(DIGITS[this.level] as number));
      this.slots = new Uint8Array(BUCKETS);
      for (const [t, { high }] of this.targets.entries()) this.slots[high >>> 14] ||= t + 1;
      return;
    }
    this.gathers = new Uint8Array(BUCKETS);
    for (const [t, { high }] of this.targets.entries()) this.gathers[high >>> 14] = t + 1;
    this.gathered = new Float64Array(size);
  }

  private gatheredByTarget(): Float64Array[] {
    const { gathers, gathered } = this;
    const words = wordsOf(gathered);
    const own = this.targets.map(({ size }) => new Float64Array(size));
    const filled = new Uint32Array(own.length);
    for (let i = 0; i < gathered.length; i++) {
      const t = (gathers[orderedHigh(words[2 * i + 1] as number) >>> 14] as number) - 1;
      const at = filled[t] as number;
      (own[t] as Float64Array)[at] = gathered[i] as number;
      filled[t] = at + 1;
    }
    return own;
  }

  /** Finds the wanted ones among a target's values. */
  private pick(target: Target, level: number, own: Float64Array): void {
    if (own.length <= FEW || level === SOLVED) {
      own.sort();
      for (const rank of target.ranks) this.found.set(rank, own[rank - target.before] as number);
      return;
    }
    const counts = new Uint32Array(DIGITS[level] as number);
    const ownWords = wordsOf(own);
    for (let i = 0; i < own.length; i++) {
      const high = ownWords[2 * i + 1] as number;
      const digit = digitOf(level, orderedHigh(high), orderedLow(high, ownWords[2 * i] as number));
      counts[digit] = (counts[digit] as number) + 1;
    }
    for (const inner of narrowed(target, level, counts)) {
      if (level + 1 < SOLVED) this.pick(inner, level + 1, valuesOf(inner, level + 1, own));
      else for (const rank of inner.ranks) this.found.set(rank, doubleOf(inner.high, inner.low));
    }
  }
}

function valuesOf(target: Target, level: number, values: Float64Array): Float64Array {
  const words = wordsOf(values);
  const own = new Float64Array(target.size);
  let n = 0;
  for (let i = 0; i < values.length; i++) {
    const high = words[2 * i + 1] as number;
    if (belongs(target, level, orderedHigh(high), orderedLow(high, words[2 * i] as number)))
      own[n++] = values[i] as number;
  }
  return own;
}

/** The parts of a target, by its next digit, that hold wanted places. There is nothing before `first`. */
function narrowed(target: Target, level: number, counts: Uint32Array, first = 0): Target[] {
  const parts: Target[] = [];
  let before = target.before;
  let next = 0;
  for (let digit = first; digit < counts.length && next < target.ranks.length; digit++) {
    const size = counts[digit] as number;
    if (size === 0) continue;
    const ranks: number[] = [];
    while (next < target.ranks.length && (target.ranks[next] as number) < before + size)
      ranks.push(target.ranks[next++] as number);
    if (ranks.length > 0) parts.push({ ...withDigit(target, level, digit), before, size, ranks });
    before += size;
  }
  return parts;
}

function withDigit({ high, low }: Target, level: number, digit: number): Pick<Target, 'high' | 'low'> {
  if (level === 0) return { high: (digit << 14) >>> 0, low: 0 };
  if (level === 1) return { high: ((high & ~0x3fff) | digit) >>> 0, low: 0 };
  if (level === 2) return { high, low: (digit << 16) >>> 0 };
  return { high, low: ((low & ~0xffff) | digit) >>> 0 };
}
