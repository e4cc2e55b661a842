import { type Block, columnBlock } from './column-block.ts';
import { CorrelationScan } from './correlation.ts';
import { BUCKETS } from './float-buckets.ts';
import { DISTINCT_ERROR } from './hyperloglog.ts';
import { binsFor, histogramOf } from './number-bins.ts';
import { CentredScan, NumberScan } from './number-scan.ts';
import { type ColumnProfile, type Correlations, QUANTILES, type QuantileName } from './profile.ts';
import { RankSearch } from './rank-search.ts';

/** A column of numbers that are profiled together with others. */
export interface NumberColumn {
  name: string;
  type: 'double' | 'integer';
  /** Whether its correlations with the others are wanted. */
  correlates: boolean;
}

/** Gives the blocks of the columns, in the order of rows; called once for each pass. A block lives until `visit` returns. */
export type Blocks = (visit: (block: Block) => void) => Promise<void>;

export type NumberProfile = Omit<ColumnProfile, 'type'>;

export interface NumbersProfile {
  profiles: NumberProfile[];
  correlations?: Pick<Correlations, 'rows' | 'every'>;
}

/** How many values all searches together may gather in one pass: 32 MB. */
const MOST_GATHERED = 4_000_000;
/** Rows of a block at most: DuckDB's vectors. */
const BLOCK_ROWS = 2048;

/**
 * Profiles columns of numbers in memory that does not grow with their rows. The first pass counts by leading bits, the
 * second measures around the mean and gathers the values next to the quantiles, which are exact; more passes follow
 * only where those are too many to gather.
 */
export async function profileNumberColumns(
  columns: readonly NumberColumn[],
  blocks: Blocks,
  mostGathered = MOST_GATHERED,
): Promise<NumbersProfile> {
  const scans = columns.map(({ type }) => new NumberScan(type === 'integer'));
  await blocks(({ rows, columns: parts }) => {
    for (let j = 0; j < parts.length; j++) (scans[j] as NumberScan).add(parts[j] as Block['columns'][number], rows);
  });
  const share = Math.floor(mostGathered / Math.max(1, columns.length));
  const states = scans.map((scan, j) => {
    const bins = binsFor(scan.counts, scan.count, scan.min, scan.max, columns[j]?.type === 'integer');
    return {
      scan,
      centred: new CentredScan(scan.mean, bins),
      search: new RankSearch(scan.counts, ranksOf(scan.count), { least: scan.min, most: share }),
      space: new Float64Array(BLOCK_ROWS),
      at: 0,
    };
  });
  const order = columns.flatMap(({ correlates }, j) => (correlates ? [j] : []));
  const correlation = order.length > 1 ? new CorrelationScan(order) : undefined;
  const every = blocksBetween(order.length, scans[0]);
  let nth = 0;
  const spaces = states.map(({ space }) => space);
  await blocks((block) => {
    const correlates = correlation !== undefined && nth++ % every === 0;
    for (let j = 0; j < states.length; j++) {
      const state = states[j] as (typeof states)[number];
      const part = block.columns[j] as Block['columns'][number];
      const { search } = state;
      state.at = state.centred.add(part, state.space, search.gathers, search.gathered, state.at);
      if (search.counting) search.count(part.values, part.n);
      if (part.present && correlates) spread(state.space, part.present, block.rows, part.n);
    }
    if (correlates) correlation?.add(block, spaces);
  });
  for (const { search } of states) search.next();
  while (states.some(({ search }) => !search.done)) {
    await blocks(({ columns: parts }) => {
      for (const [j, { search }] of states.entries()) {
        const part = parts[j] as Block['columns'][number];
        if (search.counting) search.count(part.values, part.n);
      }
    });
    for (const { search } of states) if (!search.done) search.next();
  }
  return {
    profiles: states.map(({ scan, centred, search }) => profileOf(scan, centred, (rank) => search.at(rank))),
    ...(correlation && { correlations: { rows: correlation.rows, ...(every > 1 && { every }) } }),
  };
}

/** Products of all pairs together, above which only some blocks are correlated: by then the third digit is sure. */
const MOST_PRODUCTS = 25_000_000;

/** One block in so many is correlated. */
function blocksBetween(columns: number, scan: NumberScan | undefined): number {
  const rows = scan ? scan.count + scan.nulls + scan.nonFinite : 0;
  return Math.max(1, Math.ceil((rows * columns * (columns - 1)) / 2 / MOST_PRODUCTS));
}

/** What parts of a column are merged from: two passes without a search for exact quantiles. */
export async function summariseNumbers(
  type: NumberColumn['type'],
  blocks: Blocks,
): Promise<{ scan: NumberScan; centred: CentredScan }> {
  const scan = new NumberScan(type === 'integer');
  await blocks(({ rows, columns: [part] }) => scan.add(part as Block['columns'][number], rows));
  const bins = binsFor(scan.counts, scan.count, scan.min, scan.max, type === 'integer');
  const centred = new CentredScan(scan.mean, bins);
  const [space, none] = [new Float64Array(BLOCK_ROWS), new Uint8Array(BUCKETS)];
  await blocks(({ columns: [part] }) => {
    centred.add(part as Block['columns'][number], space, none, space, 0);
  });
  return { scan, centred };
}

/** Of values that are in memory. */
export async function profileNumbers(
  values: Float64Array,
  type: NumberColumn['type'] = 'double',
): Promise<NumberProfile> {
  const { profiles } = await profileNumberColumns([{ name: '', type, correlates: false }], async (visit) => {
    for (let from = 0; from < values.length; from += BLOCK_ROWS) {
      const part = values.slice(from, from + BLOCK_ROWS);
      visit({ rows: part.length, columns: [columnBlock(part, part.length, undefined)] });
    }
  });
  return profiles[0] as NumberProfile;
}

/** Moves values from the front to their rows, and puts 0 where a row has none. */
function spread(values: Float64Array, present: Uint8Array, rows: number, n: number): void {
  for (let row = rows - 1; row >= 0; row--) values[row] = present[row] ? (values[--n] as number) : 0;
}

const placeOf = (count: number, p: number) => (count - 1) * p;

const ranksOf = (count: number): number[] =>
  count === 0
    ? []
    : Object.values(QUANTILES).flatMap((p) => {
        const below = Math.floor(placeOf(count, p));
        return [below, Math.min(below + 1, count - 1)];
      });

function profileOf(scan: NumberScan, centred: CentredScan, at: (rank: number) => number): NumberProfile {
  const { count, nulls, nonFinite, distinct } = scan;
  const base = { count, nulls, ...(nonFinite > 0 && { nonFinite }) };
  if (count === 0) return base;
  const sd = Math.sqrt(centred.m2 / (count - 1));
  const skewness = centred.m3 / count / (centred.m2 / count) ** 1.5;
  const quantile = (p: number) => {
    const place = placeOf(count, p);
    const below = Math.floor(place);
    const [low, high, part] = [at(below), at(Math.min(below + 1, count - 1)), place - below];
    return part === 0 ? low : low * (1 - part) + high * part;
  };
  return {
    ...base,
    min: unsigned(scan.min),
    max: unsigned(scan.max),
    mean: unsigned(scan.mean),
    ...(count > 1 && Number.isFinite(sd) && { sd }),
    ...(scan.max > scan.min && Number.isFinite(skewness) && { skewness: Number(skewness.toPrecision(11)) + 0 }),
    zeros: scan.zeros,
    negatives: scan.negatives,
    quantiles: Object.fromEntries(
      Object.entries(QUANTILES).map(([name, p]) => [name, unsigned(quantile(p))]),
    ) as Record<QuantileName, number>,
    histogram: histogramOf(centred.bins),
    ...(distinct && { distinct: distinct.distinct(), distinctWithin: DISTINCT_ERROR }),
  };
}

/** JSON has no -0. */
const unsigned = (value: number) => (value === 0 ? 0 : value);
