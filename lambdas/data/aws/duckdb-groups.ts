import { registersText } from '../column-summary.ts';
import { DISTINCT_ERROR, HyperLogLog } from '../hyperloglog.ts';
import { SHOWN } from '../ports.ts';
import { type CalendarUnit, type ColumnProfile, TOP_VALUES } from '../profile.ts';
import { sqlName } from '../sql-text.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/** Rows from which it is guessed whether a column has few different values, and how many are few. */
const SAMPLE = { rows: 20_480, few: 1000 };

/**
 * Texts and booleans. Whether each value can be counted is decided by an estimate where it is not plain from the first
 * rows: DuckDB hashes, the registers are ours, so that what is estimated for parts of a file can be merged.
 */
export async function profileText(
  duckdb: DuckdbSession,
  relation: string,
  column: string,
  type: 'string' | 'boolean',
  exactDistinct: number,
): Promise<ColumnProfile> {
  const name = sqlName(column);
  const [sample] = await duckdb.rows<{ few: boolean }>(
    `SELECT count(DISTINCT value) <= ${Math.min(SAMPLE.few, exactDistinct)} AS few FROM (SELECT ${name} AS value FROM ${relation} LIMIT ${SAMPLE.rows})`,
  );
  if (!sample?.few) {
    const { count, nulls, lengths } = await countTexts(duckdb, relation, name);
    const estimate = await distinctTexts(duckdb, relation, name);
    if (estimate > exactDistinct)
      return { type, count, nulls, lengths, distinct: Math.min(estimate, count), distinctWithin: DISTINCT_ERROR };
  }
  return groupTexts(duckdb, relation, name, type);
}

interface Counted {
  count: number;
  nulls: number;
  min: number | null;
  max: number | null;
}

export async function countTexts(duckdb: DuckdbSession, relation: string, name: string) {
  const [found] = await duckdb.rows<Counted>(
    `SELECT count(${name})::DOUBLE AS count, (count(*) - count(${name}))::DOUBLE AS nulls,
       min(length(${name}::VARCHAR))::DOUBLE AS min, max(length(${name}::VARCHAR))::DOUBLE AS max FROM ${relation}`,
  );
  const { count = 0, nulls = 0, min, max } = found ?? {};
  return { count, nulls, lengths: { min: min ?? 0, max: max ?? 0 } };
}

async function groupTexts(
  duckdb: DuckdbSession,
  relation: string,
  name: string,
  type: 'string' | 'boolean',
): Promise<ColumnProfile> {
  const text = `left(value::VARCHAR, ${SHOWN})`;
  const found = await duckdb.rows<Counted & { value: string | null; times: number; distinct: number }>(
    `WITH counted AS MATERIALIZED (SELECT ${name} AS value, count(*) AS times FROM ${relation} GROUP BY ${name}),
       whole AS (SELECT coalesce(sum(times) FILTER (value IS NOT NULL), 0)::DOUBLE AS count, coalesce(sum(times) FILTER (value IS NULL), 0)::DOUBLE AS nulls,
         min(length(value::VARCHAR))::DOUBLE AS min, max(length(value::VARCHAR))::DOUBLE AS max, count(value)::DOUBLE AS "distinct" FROM counted),
       first AS (SELECT value, times FROM counted WHERE value IS NOT NULL ORDER BY times DESC, value LIMIT ${TOP_VALUES})
     SELECT whole.*, ${text} AS value, times::DOUBLE AS times FROM whole LEFT JOIN first ON true ORDER BY first.times DESC, first.value`,
  );
  const { count = 0, nulls = 0, min, max, distinct = 0 } = found[0] ?? {};
  if (count === 0) return { type, count, nulls };
  const top = found.map(({ value, times }) => ({ value: value ?? '', count: times }));
  const lengths = type === 'string' && { lengths: { min: min ?? 0, max: max ?? 0 } };
  return { type, count, nulls, ...lengths, distinct, top };
}

const distinctTexts = async (duckdb: DuckdbSession, relation: string, name: string): Promise<number> =>
  (await logOfTexts(duckdb, relation, name)).distinct();

/** The registers of a column's values, as a summary has them. */
export const estimateTexts = async (duckdb: DuckdbSession, relation: string, name: string): Promise<string> =>
  registersText(await logOfTexts(duckdb, relation, name));

async function logOfTexts(duckdb: DuckdbSession, relation: string, name: string): Promise<HyperLogLog> {
  const log = new HyperLogLog();
  const sql = `SELECT hash(${name}) FROM ${relation} WHERE ${name} IS NOT NULL`;
  await duckdb.vectors(sql, (rows, [vector]) => {
    if (!vector) return;
    const words = new Uint32Array(vector.items.buffer, vector.items.byteOffset, rows * 2);
    for (let i = 0; i < rows; i++) log.add(words[2 * i + 1] as number, words[2 * i] as number);
  });
  return log;
}

/** Whole numbers come with an estimate of how many different ones there are; where those are few, they are counted. */
export async function settleDistinct(
  duckdb: DuckdbSession,
  relation: string,
  column: string,
  profile: ColumnProfile,
  exactDistinct: number,
): Promise<ColumnProfile> {
  if (profile.distinct === undefined || profile.distinct > exactDistinct) return profile;
  const name = sqlName(column);
  const [found] = await duckdb.rows<{ distinct: number }>(
    `SELECT count(DISTINCT ${name})::DOUBLE AS "distinct" FROM ${relation}`,
  );
  const { distinctWithin: _, ...exact } = profile;
  return { ...exact, distinct: found?.distinct ?? 0 };
}

/** A picture of more bars than this shows no more than one of the next longer unit. */
const MOST_UNITS = 120;
/** Shortest first; a unit's length in seconds decides, the calendar counts. */
const UNITS: readonly (readonly [CalendarUnit, number])[] = [
  ['minute', 60],
  ['hour', 3600],
  ['day', 86_400],
  ['month', 2_629_746],
  ['year', 31_556_952],
  ['decade', 315_569_520],
  ['century', 3_155_695_200],
];

export async function profileTimes(
  duckdb: DuckdbSession,
  relation: string,
  column: string,
  type: 'date' | 'timestamp',
): Promise<ColumnProfile> {
  const name = sqlName(column);
  const iso = type === 'date' ? '%Y-%m-%d' : '%Y-%m-%dT%H:%M:%S.%fZ';
  const [found] = await duckdb.rows<{ count: number; nulls: number; min: string; max: string; seconds: number }>(
    `SELECT count(${name})::DOUBLE AS count, (count(*) - count(${name}))::DOUBLE AS nulls, strftime(min(${name}), '${iso}') AS min,
       strftime(max(${name}), '${iso}') AS max, epoch(max(${name})::TIMESTAMP) - epoch(min(${name})::TIMESTAMP) AS seconds FROM ${relation}`,
  );
  const { count = 0, nulls = 0, min, max, seconds = 0 } = found ?? {};
  if (count === 0) return { type, count, nulls };
  const fits = UNITS.filter(([unit]) => type === 'timestamp' || (unit !== 'minute' && unit !== 'hour'));
  const [unit] = fits.find(([, length]) => seconds / length < MOST_UNITS) ?? (['century'] as const);
  const from = unit === 'minute' || unit === 'hour' ? '%Y-%m-%dT%H:%MZ' : '%Y-%m-%d';
  const counts = await duckdb.rows<{ from: string; count: number }>(
    `SELECT strftime(unit, '${from}') AS "from", count::DOUBLE AS count FROM
       (SELECT date_trunc('${unit}', ${name}) AS unit, count(*) AS count FROM ${relation} WHERE ${name} IS NOT NULL GROUP BY 1) ORDER BY unit`,
  );
  return { type, count, nulls, min, max, histogram: { kind: 'time', unit, counts } };
}
