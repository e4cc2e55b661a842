import type { Level } from './check-spec.ts';
import type { Column, ColumnType } from './dataset-spec.ts';
import { sqlText } from './sql-text.ts';

/**
 * Why a row was not taken, or taken with a warning. `columns`: it has too few or too many fields. `record`: its line is
 * no JSON object. `required`: empty where the spec asks for a value. `type`, `range`, `values`, `pattern`: what the spec
 * says of the column. `unique`: the file has other rows with the same identity and other values. `conflict`: the dataset
 * has this identity with other values. `sql`, `reference`: a check of the spec, whose name stands for the column.
 * `anonymity`: too few rows share what could identify it. `object`: the bytes that it names are not there.
 */
export const ROW_RULES = [
  'columns',
  'record',
  'required',
  'type',
  'range',
  'values',
  'pattern',
  'unique',
  'conflict',
  'sql',
  'reference',
  'anonymity',
  'object',
] as const;
export type RowRule = (typeof ROW_RULES)[number];

/**
 * How a value is written, as a regular expression over all of it. DuckDB's own casts take more than anyone means:
 * `1_000`, ` 12 `, `12.7` as an integer (rounded), `nan`, and a time with its zone dropped.
 */
const WRITTEN: Record<Exclude<ColumnType, 'string'>, string> = {
  double: '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?',
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

/** A column in a relation that is being read, as SQL over it. */
export interface Cell {
  name: string;
  column: Column;
  /** Typed; NULL where the field is empty or no value of the type. */
  value: string;
  /** Whether the field has anything in it. */
  present: string;
  /** The text that it came as. Absent where the file itself is typed, so that how it is written says nothing. */
  text?: string;
  /** A text for people; NULL where the field is empty. */
  shown: string;
}

/** What a value must be beyond its type, and the rule's name. */
function limitsOf({ column: { min, max, values, pattern }, value }: Cell): { rule: RowRule; holds: string }[] {
  const limits: { rule: RowRule; holds: string }[] = [];
  if (min !== undefined) limits.push({ rule: 'range', holds: `${value} >= ${min}` });
  if (max !== undefined) limits.push({ rule: 'range', holds: `${value} <= ${max}` });
  if (values) limits.push({ rule: 'values', holds: `${value} IN (${values.map(sqlText).join(', ')})` });
  if (pattern) limits.push({ rule: 'pattern', holds: `regexp_full_match(${value}, ${sqlText(pattern)})` });
  return limits;
}

/** Numbers that are of their type: finite, and whole ones that a double holds exactly. NaN is above every number. */
const BOUND = { double: Number.MAX_VALUE, integer: Number.MAX_SAFE_INTEGER } as const;

/** What a number of this column must lie between to be one of its type, and with `limits` to be allowed. */
function endsOf({ type, min, max }: Column, limits: boolean): [low: number, high: number] {
  const bound = BOUND[type as keyof typeof BOUND];
  return limits ? [Math.max(min ?? -bound, -bound), Math.min(max ?? bound, bound)] : [-bound, bound];
}

/** One comparison, since it is asked of every row. */
function bounded({ column, value }: Cell, limits: boolean): string {
  const [low, high] = endsOf(column, limits);
  return `${value} BETWEEN ${low} AND ${high}`;
}

/**
 * Whether a text is written as its type is. Most are written as DuckDB itself writes the value, which is cheaper to see
 * than to match; a day beyond the year 9999 has more than 10 characters.
 */
function isWritten(text: string, value: string, type: Exclude<ColumnType, 'string'>): string {
  const matches = `regexp_full_match(${text}, ${sqlText(WRITTEN[type])})`;
  if (type !== 'integer' && type !== 'date') return matches;
  const long = type === 'date' ? ` AND strlen(${text}) = 10` : '';
  return `CASE WHEN ${value}::VARCHAR = ${text}${long} THEN true ELSE ${matches} END`;
}

/**
 * Whether a value that is there is one of its type; with `limits` numbers within their limits too, without `bounds`
 * numbers whatever they are. Never true otherwise.
 */
function ofItsType(cell: Cell, { limits, bounds = true }: { limits: boolean; bounds?: boolean }): string {
  const { value, text } = cell;
  const { type } = cell.column;
  if (type === 'string') return `NOT contains(${value}, chr(0))`;
  if (type === 'boolean') return text === undefined ? 'true' : isWritten(text, value, type);
  const untyped = text === undefined ? 'true' : `${value} IS NOT NULL`;
  const typed = !isNumeric(type)
    ? `${value} BETWEEN DATE '0001-01-01' AND ${LAST[type]}`
    : bounds
      ? bounded(cell, limits)
      : untyped;
  return text === undefined ? typed : `(${typed} AND ${isWritten(text, value, type)})`;
}

/** Days and times have a year of four digits: what more there is, Parquet can hold and few can read. */
const LAST = { date: "DATE '9999-12-31'", timestamp: "TIMESTAMP '9999-12-31 23:59:59.999999'" } as const;

const isNumeric = (type: ColumnType) => type === 'double' || type === 'integer';

export const levelOf = ({ level }: Column, rule: RowRule): Level =>
  // A value of another type cannot be taken with a warning: there is no such value.
  level === undefined || (level === 'warn' && rule === 'type') ? 'quarantine' : level;

/** How `takes` asks. */
export interface Asking {
  /** Rules that only warn count as well. */
  warnings: boolean;
  /**
   * Whether numbers are asked for their bounds, and a typed one for being there. Without, `boundsOf` must hold too.
   * @default true
   */
  bounds?: boolean;
}

const counting =
  (column: Column, { warnings }: Asking) =>
  (rule: RowRule) =>
    warnings || levelOf(column, rule) !== 'warn';

/** What every number of a column that may be taken lies between; `nullable` where there may also be none. */
export interface Bounds {
  name: string;
  low: number;
  high: number;
  nullable: boolean;
}

export function boundsOf({ name, column }: Cell, asking: Asking): Bounds | undefined {
  if (!isNumeric(column.type)) return undefined;
  const counts = counting(column, asking);
  const [low, high] = endsOf(column, counts('range'));
  return { name, low, high, nullable: column.nullable === true || !counts('required') };
}

/** Whether a row may be taken as far as this column goes: true, or else false or NULL. */
export function takes(cell: Cell, asking: Asking): string {
  const { column, text } = cell;
  const { bounds = true } = asking;
  const counts = counting(column, asking);
  const limits = limitsOf(cell).filter(({ rule }) => rule !== 'range' && counts(rule));
  const holds = [ofItsType(cell, { limits: counts('range'), bounds }), ...limits.map(({ holds }) => holds)];
  const empty = column.nullable || !counts('required');
  if (!bounds && isNumeric(column.type) && text === undefined && limits.length === 0) return 'true';
  const all = holds.filter((each) => each !== 'true').join(' AND ') || cell.present;
  return empty ? `(NOT ${cell.present} OR (${all}))` : `(${all})`;
}

/** The name of the first rule that a value breaks, or NULL. */
export function brokenRule(cell: Cell): string {
  const cases = [`WHEN NOT ${cell.present} THEN ${cell.column.nullable ? 'NULL' : `'required'`}`];
  cases.push(`WHEN NOT coalesce(${ofItsType(cell, { limits: false })}, false) THEN 'type'`);
  for (const { rule, holds } of limitsOf(cell)) cases.push(`WHEN NOT coalesce(${holds}, false) THEN '${rule}'`);
  return `CASE ${cases.join(' ')} END`;
}

/** The typed value of a text; NULL where it is none. */
export const castText = (text: string, type: ColumnType): string =>
  type === 'string' ? text : `TRY_CAST(${text} AS ${STORED[type]})`;
