import type { Column, ColumnType } from './dataset-spec.ts';

/**
 * Why a row was not taken. `columns`: it has too few or too many fields. `required`: empty where the spec asks for a
 * value. `type`, `range`, `values`: what the spec says of the column. `unique`: the file has other rows with the same
 * identity and other values. `conflict`: the dataset has this identity with other values.
 */
export const ROW_RULES = ['columns', 'required', 'type', 'range', 'values', 'unique', 'conflict'] as const;
export type RowRule = (typeof ROW_RULES)[number];

/** A name or a text inside SQL. Both come from a dataset's spec, never from a request. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * How a value is written, as a regular expression over all of it. DuckDB's own casts take more than anyone means:
 * `1_000`, ` 12 `, `12.7` as an integer (rounded), `nan`, and a time with its zone dropped.
 */
const WRITTEN: Record<ColumnType, string> = {
  string: '[^\\x00]*',
  double: '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?',
  integer: '[+-]?[0-9]{1,16}',
  boolean: '(?i:true|false)',
  date: '[0-9]{4}-[0-9]{2}-[0-9]{2}',
  timestamp: '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z?',
};

/** What a person is told a value should have been. */
export const EXPECTED: Record<ColumnType, string> = {
  string: 'text without zero bytes',
  double: 'a finite number such as -1.5',
  integer: 'a whole number of at most 2^53 - 1',
  boolean: 'true or false',
  date: 'a day as yyyy-mm-dd',
  timestamp: 'a UTC time as yyyy-mm-ddThh:mm:ssZ',
};

/** How each type is stored: in DuckDB, and by it in Parquet. */
const STORED: Record<ColumnType, string> = {
  string: 'VARCHAR',
  double: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
};

export const storedType = (type: ColumnType): string => STORED[type];

/** The value of a text column in its type; NULL where it has none. */
export const typedValue = (name: string, { type }: Column): string =>
  type === 'string' ? sqlName(name) : `TRY_CAST(${sqlName(name)} AS ${STORED[type]})`;

/** The name of the first rule that a text column's value breaks, or NULL. */
export function brokenRule(name: string, column: Column): string {
  const value = sqlName(name);
  const typed = typedValue(name, column);
  const cases = [`WHEN ${value} IS NULL THEN ${column.nullable ? 'NULL' : `'required'`}`];
  const badlyTyped = [`NOT regexp_full_match(${value}, ${sqlText(WRITTEN[column.type])})`, `${typed} IS NULL`];
  if (column.type === 'double') badlyTyped.push(`NOT isfinite(${typed})`);
  // `@` is DuckDB's absolute value.
  if (column.type === 'integer') badlyTyped.push(`(@ ${typed}) > ${Number.MAX_SAFE_INTEGER}`);
  cases.push(`WHEN ${badlyTyped.join(' OR ')} THEN 'type'`);
  if (column.min !== undefined) cases.push(`WHEN ${typed} < ${column.min} THEN 'range'`);
  if (column.max !== undefined) cases.push(`WHEN ${typed} > ${column.max} THEN 'range'`);
  if (column.values) cases.push(`WHEN ${value} NOT IN (${column.values.map(sqlText).join(', ')}) THEN 'values'`);
  return `CASE ${cases.join(' ')} END`;
}
