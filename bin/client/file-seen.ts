import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { ColumnProfile, ColumnType, FileSeen } from '../../lambdas/data/contract.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const text = (value: string) => `'${value.replaceAll("'", "''")}'`;

/** How a value of each type is written at the strictest; the first type that all values of a column have is taken. */
const WRITTEN: readonly (readonly [ColumnType, string])[] = [
  ['boolean', 'true|false'],
  // A leading zero belongs to a code, not to a number.
  ['integer', '-?(0|[1-9][0-9]{0,14})'],
  ['double', '-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]{1,2})?'],
  ['date', '[0-9]{4}-[0-9]{2}-[0-9]{2}'],
  ['timestamp', '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z?'],
];
const STORED = {
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
  integer: 'BIGINT',
  double: 'DOUBLE',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
};

/** Pairs that are tried for a series; every one is a pass over two columns. */
const MOST_PAIRS = 60;
const TOP_VALUES = 10;

type Rows = <Row>(sql: string) => Promise<Row[]>;

/**
 * Reads a CSV, JSON Lines or Parquet file of this machine with DuckDB, and says what is in it.
 * @throws InvalidInput when there is no such file, or it has no rows
 */
export async function seeFile(file: string, named: { dataset: string; owner: string }): Promise<FileSeen> {
  await stat(file).catch((cause: unknown) => {
    throw SharedErrors.InvalidInput(`file: got ${file}, it cannot be read: ${(cause as Error).message}`, { cause });
  });
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '1GB' });
  const connection = await instance.connect();
  const rows: Rows = async <Row>(sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
  try {
    const format = await open(connection, rows, file);
    return { ...named, source: basename(file), ...(format && { format }), ...(await look(rows, file)) };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The file as the view `seen`, every field a text; says where its form is not the usual one. */
async function open(connection: DuckDBConnection, rows: Rows, file: string) {
  const kind = /\.(csv|jsonl|parquet)(\.gz)?$/i.exec(file)?.[1]?.toLowerCase() ?? 'csv';
  const failed = (cause: unknown): never => {
    throw SharedErrors.InvalidInput(
      `file: got ${file}, it is no ${kind} file: ${String((cause as Error).message).split('\n')[0]}`,
      { cause },
    );
  };
  const all = 'SELECT CAST(COLUMNS(*) AS VARCHAR) FROM';
  const view = (from: string) => connection.run(`CREATE TABLE seen AS ${all} ${from}`).catch(failed);
  if (kind === 'parquet') await view(`read_parquet(${text(file)})`);
  else if (kind === 'jsonl') await view(`read_json(${text(file)}, format = 'newline_delimited')`);
  else {
    const [form] = await rows<{ delimiter: string; quote: string }>(
      `SELECT Delimiter AS delimiter, Quote AS quote FROM sniff_csv(${text(file)})`,
    ).catch(failed);
    const { delimiter = ',', quote = '"' } = form ?? {};
    const usual = quote === '"' || quote === '\0' || quote === '(empty)' || quote === '';
    await view(
      `read_csv(${text(file)}, delim = ${text(delimiter)}, quote = ${text(usual ? '"' : quote)}, header = true, all_varchar = true)`,
    );
    const given = { ...(delimiter !== ',' && { delimiter }), ...(!usual && { quote }) };
    return Object.keys(given).length > 0 ? given : undefined;
  }
  return undefined;
}

async function look(rows: Rows, file: string) {
  const [{ count } = { count: 0 }] = await rows<{ count: number }>('SELECT count(*)::INTEGER AS count FROM seen');
  if (count === 0) throw SharedErrors.InvalidInput(`file: got ${file}, it has no rows`);
  const names = (await rows<{ name: string }>('SELECT column_name AS name FROM (DESCRIBE seen)')).map(
    ({ name }) => name,
  );
  const columns: FileSeen['columns'] = {};
  for (const name of names) columns[name] = await lookAt(rows, name);
  const whole = names.filter((name) => columns[name]?.nulls === 0);
  const days = whole.filter((name) => ['date', 'timestamp'].includes(columns[name]?.type ?? ''));
  const alike = async (...list: string[]) =>
    (
      await rows<{ n: number }>(
        `SELECT count(*)::INTEGER AS n FROM (SELECT DISTINCT ${list.map(quoted).join(', ')} FROM seen)`,
      )
    )[0]?.n === count;
  const times: string[] = [];
  for (const day of days) if (await alike(day)) times.push(day);
  const others = whole.filter((name) => ['string', 'integer'].includes(columns[name]?.type ?? ''));
  const pairs = days.flatMap((day) => others.map((other) => [other, day] as const)).slice(0, MOST_PAIRS);
  const series: (readonly [string, string])[] = [];
  if (times.length === 0) for (const pair of pairs) if (await alike(...pair)) series.push(pair);
  const lastFifth: Record<string, string> = {};
  for (const day of days) {
    const [{ from, first } = { from: '', first: '' }] = await rows<{ from: string; first: string }>(
      `SELECT quantile_disc(left(${quoted(day)}, 10), 0.8) AS "from", min(left(${quoted(day)}, 10)) AS first FROM seen`,
    );
    // Where all rows are of one day there is nothing in front of it to learn from.
    if (from > first) lastFifth[day] = from;
  }
  return { rows: count, columns, times, series, lastFifth };
}

async function lookAt(rows: Rows, name: string): Promise<FileSeen['columns'][string]> {
  const value = quoted(name);
  const fits = WRITTEN.map(
    ([type, form]) =>
      `coalesce(bool_and(regexp_full_match(${value}, ${text(form)}) AND TRY_CAST(${value} AS ${STORED[type]}) IS NOT NULL), false) AS "${type}"`,
  );
  const [seen] = await rows<Record<string, unknown>>(
    `SELECT count(${value})::INTEGER AS count, (count(*) - count(${value}))::INTEGER AS nulls, count(DISTINCT ${value})::INTEGER AS "distinct",
      min(length(${value}))::INTEGER AS shortest, max(length(${value}))::INTEGER AS longest,
      coalesce(bool_and(regexp_full_match(${value}, '[0-9]+')), false) AS digits, ${fits.join(', ')} FROM seen`,
  );
  const { count, nulls, distinct, shortest, longest, digits } = seen as Record<
    'count' | 'nulls' | 'distinct' | 'shortest' | 'longest',
    number
  > & { digits: boolean };
  const type = WRITTEN.find(([each]) => seen?.[each])?.[0] ?? 'string';
  const profile: ColumnProfile = { type, count, nulls, distinct };
  if (type === 'integer' || type === 'double') {
    const [ends] = await rows<{ min: number; max: number }>(
      `SELECT min(${value}::DOUBLE) AS min, max(${value}::DOUBLE) AS max FROM seen`,
    );
    return { ...profile, ...ends };
  }
  if (type !== 'string') return profile;
  const top = await rows<{ value: string; count: number }>(
    `SELECT left(${value}, 80) AS value, count(*)::INTEGER AS count FROM seen WHERE ${value} IS NOT NULL GROUP BY ${value} ORDER BY count DESC, ${value} LIMIT ${TOP_VALUES}`,
  );
  // Codes such as 01067: all digits, all as long.
  return { ...profile, top, ...(digits && count >= 50 && shortest === longest && { pattern: `[0-9]{${longest}}` }) };
}
