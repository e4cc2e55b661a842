import type { ColumnBlock } from './column-block.ts';
import { ExactSum } from './exact-sum.ts';
import { BUCKETS } from './float-buckets.ts';
import { HyperLogLog } from './hyperloglog.ts';
import type { NumberBins } from './number-bins.ts';

/** Large numbers are summed after division by this, so that no sum of doubles overflows. */
const SCALE = 2 ** -64;

/** What the first pass over a column of numbers counts. Whatever order the rows come in, the result is the same. */
export class NumberScan {
  count = 0;
  nulls = 0;
  nonFinite = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  zeros = 0;
  private negativeZeros = 0;
  readonly counts = new Uint32Array(BUCKETS);
  readonly distinct?: HyperLogLog;
  private readonly sum = new ExactSum();
  private readonly huge = new ExactSum();

  constructor(countsDistinct: boolean) {
    if (countsDistinct) this.distinct = new HyperLogLog();
  }

  add({ values, words, n, nonFinite }: ColumnBlock, rows: number): void {
    const { counts } = this;
    let { min, max } = this;
    let sum = 0;
    let rest = 0;
    let zeros = 0;
    for (let i = 0; i < n; i++) {
      const x = values[i] as number;
      const high = words[2 * i + 1] as number;
      const bucket = (high ^ ((high >> 31) | 0x80000000)) >>> 14;
      counts[bucket] = (counts[bucket] as number) + 1;
      if (x < min) min = x;
      if (x > max) max = x;
      if (x === 0) {
        zeros++;
        if (high < 0) this.negativeZeros++;
      }
      const next = sum + x;
      const back = next - sum;
      rest += sum - (next - back) + (x - back);
      sum = next;
    }
    this.min = min;
    this.max = max;
    this.zeros += zeros;
    this.count += n;
    this.nonFinite += nonFinite;
    this.nulls += rows - n - nonFinite;
    if (Number.isFinite(sum + rest)) {
      this.sum.add(sum);
      this.sum.add(rest);
    } else {
      for (let i = 0; i < n; i++) this.huge.add((values[i] as number) * SCALE);
    }
    const { distinct } = this;
    if (distinct) for (let i = 0; i < n; i++) distinct.addNumber(words[2 * i + 1] as number, words[2 * i] as number);
  }

  get negatives(): number {
    let sum = -this.negativeZeros;
    for (let bucket = 0; bucket < BUCKETS / 2; bucket++) sum += this.counts[bucket] as number;
    return sum;
  }

  get mean(): number {
    if (this.count === 0) return 0;
    const total = this.sum.value;
    if (this.huge.sum === 0 && Number.isFinite(total)) return total / this.count;
    return ((this.sum.sum * SCALE + this.sum.rest * SCALE + this.huge.value) / this.count) * (1 / SCALE);
  }
}

/** What the second pass adds: how values lie around the mean, in bins, and those that a search wants to see. */
export class CentredScan {
  private readonly squares = new ExactSum();
  private readonly cubes = new ExactSum();
  private readonly mean: number;
  readonly bins: NumberBins;

  constructor(mean: number, bins: NumberBins) {
    this.mean = mean;
    this.bins = bins;
  }

  /**
   * Writes each value's distance from the mean to `centred`, and values of the buckets that `wanted` marks to
   * `gathered` from place `at` on. Answers the place after the last one.
   */
  add(
    { values, words, n }: ColumnBlock,
    centred: Float64Array,
    wanted: Uint8Array,
    gathered: Float64Array,
    at: number,
  ): number {
    const { mean } = this;
    const { low, scale, places, last } = this.bins;
    let squares = 0;
    let lost = 0;
    let cubes = 0;
    for (let i = 0; i < n; i++) {
      const x = values[i] as number;
      const high = words[2 * i + 1] as number;
      if (wanted[(high ^ ((high >> 31) | 0x80000000)) >>> 14] !== 0) gathered[at++] = x;
      const place = (x - low) * scale;
      const bin = place < 0 ? 0 : place >= last ? last + 1 : 1 + (place | 0);
      places[bin] = (places[bin] as number) + 1;
      const d = x - mean;
      centred[i] = d;
      const square = d * d;
      const next = squares + square;
      const back = next - squares;
      lost += squares - (next - back) + (square - back);
      squares = next;
      // Plain: a profile rounds skewness to digits in which the order of rows does not show.
      cubes += square * d;
    }
    this.squares.add(squares);
    this.squares.add(lost);
    this.cubes.add(cubes);
    return at;
  }

  /** Sums of the second and third powers of the distances from the mean; not finite where a double cannot hold them. */
  get m2(): number {
    return this.squares.value;
  }
  get m3(): number {
    return this.cubes.value;
  }
}
