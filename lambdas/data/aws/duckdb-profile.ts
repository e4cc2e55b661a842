import { type Block, columnBlock, wordsOf } from '../column-block.ts';
import { MAX_CORRELATED } from '../correlation.ts';
import { columnNames, type DatasetSpec } from '../dataset-spec.ts';
import { type Blocks, type NumberColumn, profileNumberColumns } from '../number-profile.ts';
import type { ColumnProfile, Correlations } from '../profile.ts';
import { sqlFiles, sqlName } from '../sql-text.ts';
import { profileText, profileTimes, settleDistinct } from './duckdb-groups.ts';
import type { DuckdbSession } from './duckdb-session.ts';

type Columns = DatasetSpec['columns'];

export interface RowsProfile {
  rows: number;
  /** By name. */
  columns: Record<string, ColumnProfile>;
  correlations?: Correlations;
}

/** The profile of the rows of Parquet files; `columns` are those that are kept. The same files give the same profile. */
export function profileFiles(
  duckdb: DuckdbSession,
  columns: Columns,
  files: readonly string[],
  limits: Partial<ProfileLimits> = {},
): Promise<RowsProfile> {
  return profileRelation(duckdb, columns, parquetFiles(files), limits);
}

export const parquetFiles = (files: readonly string[]): string => `read_parquet(${sqlFiles(files)})`;

export interface ProfileLimits {
  /** Numbers that are kept between passes (8 bytes each); with more of them the rows are read again for each pass. */
  keptNumbers: number;
  /** Numbers that are gathered next to the quantiles in one pass. */
  gatheredNumbers: number;
  /** Different values up to which each is counted; above, their number is an estimate and no most frequent ones are named. */
  exactDistinct: number;
}

/** 160 MB and 32 MB. Grouping by more different values than a million takes DuckDB longer than all else together. */
const LIMITS: ProfileLimits = { keptNumbers: 20_000_000, gatheredNumbers: 4_000_000, exactDistinct: 100_000 };

/** Columns of one pass, whose counts by bucket are 1 MB each. */
const TOGETHER = 50;

/**
 * DuckDB decodes, and groups texts; numbers are summed up here, because its own SUMMARIZE takes ten times as long
 * (docs/decisions). `relation` is what stands after FROM.
 */
async function profileRelation(
  duckdb: DuckdbSession,
  columns: Columns,
  relation: string,
  limits: Partial<ProfileLimits> = {},
): Promise<RowsProfile> {
  const bounds = { ...LIMITS, ...limits };
  const [{ rows } = { rows: 0 }] = await duckdb.rows<{ rows: number }>(
    `SELECT count(*)::DOUBLE AS rows FROM ${relation}`,
  );
  const profiles: Record<string, ColumnProfile> = {};
  const numbers = numberColumns(columns);
  let correlations: Correlations | undefined;
  for (let from = 0; from < numbers.length; from += TOGETHER) {
    const group = numbers.slice(from, from + TOGETHER);
    const blocks = blocksOf(duckdb, relation, group, rows * group.length <= bounds.keptNumbers ? rows : 0);
    const found = await profileNumberColumns(group, blocks, bounds.gatheredNumbers);
    for (const [i, { name, type }] of group.entries()) {
      const profile = { type, ...(found.profiles[i] as Omit<ColumnProfile, 'type'>) };
      profiles[name] = await settleDistinct(duckdb, relation, name, profile, bounds.exactDistinct);
    }
    if (found.correlations) correlations = { ...correlated(columns, group), ...found.correlations };
  }
  for (const name of columnNames(columns)) {
    const { type } = columns[name] as Columns[string];
    if (type === 'date' || type === 'timestamp') profiles[name] = await profileTimes(duckdb, relation, name, type);
    else if (type === 'string' || type === 'boolean')
      profiles[name] = await profileText(duckdb, relation, name, type, bounds.exactDistinct);
  }
  return { rows, columns: profiles, ...(correlations && { correlations }) };
}

const isNumber = (type: string): type is NumberColumn['type'] => type === 'double' || type === 'integer';
const isJudged = ({ type, role }: Columns[string]) => isNumber(type) && (role === 'feature' || role === 'target');
const judged = (columns: Columns) => columnNames(columns).filter((name) => isJudged(columns[name] as Columns[string]));

/** Those whose correlations are wanted come first, so that they are together in the first group. */
function numberColumns(columns: Columns): NumberColumn[] {
  const first = judged(columns).slice(0, MAX_CORRELATED);
  const others = columnNames(columns).filter((name) => isNumber(columns[name]?.type ?? '') && !first.includes(name));
  const column = (name: string, correlates: boolean) => ({
    name,
    type: columns[name]?.type as NumberColumn['type'],
    correlates,
  });
  return [...first.map((name) => column(name, true)), ...others.map((name) => column(name, false))];
}

const correlated = (columns: Columns, group: readonly NumberColumn[]) => {
  const names = group.filter(({ correlates }) => correlates).map(({ name }) => name);
  return { columns: names, left: judged(columns).length - names.length };
};

/** Reads the columns once and keeps their `kept` rows; where that is 0, reads them again for each pass. */
export function blocksOf(
  duckdb: DuckdbSession,
  relation: string,
  group: readonly NumberColumn[],
  kept: number,
): Blocks {
  const list = group.map(({ name }) => `${sqlName(name)}::DOUBLE`).join(', ');
  const blocks: Block[] = [];
  // One array: many of them would wake the garbage collector again and again.
  const space = new Float64Array(kept * group.length);
  let at = 0;
  return async (visit) => {
    if (blocks.length > 0) return blocks.forEach(visit);
    await duckdb.vectors(`SELECT ${list} FROM ${relation}`, (rows, vectors) => {
      const columns = vectors.map(({ items, valid }) => {
        const part = columnBlock(items as Float64Array, rows, valid);
        if (kept === 0 || part.values !== items) return part;
        const values = space.subarray(at, at + rows);
        values.set(part.values);
        at += rows;
        return { ...part, values, words: wordsOf(values) };
      });
      if (kept > 0) blocks.push({ rows, columns });
      visit({ rows, columns });
    });
  };
}
