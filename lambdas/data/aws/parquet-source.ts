import { checkHeader, MAX_FILE_COLUMNS } from '../csv-header.ts';
import { type Column, columnNames, type DatasetSpec } from '../dataset-spec.ts';
import { DataErrors } from '../errors.ts';
import { MAX_FILE_ROWS } from '../file-size.ts';
import { type Cell, castText, EXPECTED } from '../row-rules.ts';
import { sqlName, sqlText } from '../sql-text.ts';
import type { DuckdbSession } from './duckdb-session.ts';
import type { OpenFile, Source } from './duckdb-source.ts';

/** Rows of the file by their place, the first 0; `to` is the first that is not read. */
export interface RowRange {
  from: number;
  to: number;
}

/**
 * A Parquet file, typed as it is: a column of another type is refused whole, or its values are taken where nothing of
 * them is lost.
 * @throws ParquetUnreadable, HeaderMismatch, ColumnTypeMismatch
 */
export async function parquetSource(
  duckdb: DuckdbSession,
  file: string,
  spec: Pick<DatasetSpec, 'columns' | 'format'>,
  range?: RowRange,
): Promise<OpenFile> {
  const columns = await describe(duckdb, file);
  checkHeader([...columns.keys()], spec);
  const names = columnNames(spec.columns);
  const cells = names.map((name) => cellOf(name, spec.columns[name] as Column, columns.get(name) as string));
  const numbers = range ? ', file_row_number = true' : '';
  const where = range ? ` WHERE file_row_number >= ${range.from} AND file_row_number < ${range.to}` : '';
  const inner = cells.map(({ raw }, i) => `${raw} AS _c${i}`).join(', ');
  const outer = cells.map(({ cell, value }, i) => `_c${i}, ${value(`_c${i}`)} AS ${cell.value}`).join(', ');
  const source: Source = {
    linesBefore: 0,
    relation: `(SELECT ${outer} FROM (SELECT ${inner} FROM read_parquet(${sqlText(file)}${numbers})${where}))`,
    cells: cells.map(({ cell, isText }, i) => ({
      ...cell,
      present: `_c${i} IS NOT NULL`,
      shown: `_c${i}::VARCHAR`,
      ...(isText && { text: `_c${i}` }),
    })),
  };
  return { kind: 'parquet', fast: source, exact: source };
}

async function describe(duckdb: DuckdbSession, file: string): Promise<Map<string, string>> {
  try {
    const [facts] = await duckdb.rows<{ rows: number }>(
      `SELECT sum(num_rows)::DOUBLE AS rows FROM parquet_file_metadata(${sqlText(file)})`,
    );
    const rows = facts?.rows ?? 0;
    if (rows > MAX_FILE_ROWS)
      throw DataErrors.FileTooLarge(`rows: got ${rows}, at most ${MAX_FILE_ROWS} are taken at once; split the file`);
    const columns = await duckdb.rows<{ name: string; type: string }>(
      `SELECT column_name AS name, column_type AS type FROM (DESCRIBE SELECT * FROM read_parquet(${sqlText(file)}))`,
    );
    if (columns.length > MAX_FILE_COLUMNS)
      throw DataErrors.HeaderMismatch(`header: got ${columns.length} columns, at most ${MAX_FILE_COLUMNS} are read`);
    return new Map(columns.map(({ name, type }) => [name, type]));
  } catch (cause) {
    if (cause instanceof Error && 'kind' in cause) throw cause;
    throw parquetFailure(cause);
  }
}

/** What a reader says of bytes that are no Parquet, or not all of it. */
export function parquetFailure(cause: unknown): unknown {
  const message = String((cause as { message?: unknown } | undefined)?.message);
  if (/Out of Memory|No space left|Could not write/i.test(message)) return cause;
  if (
    !/parquet|magic bytes|thrift|snappy|zstd|gzip|footer|TProtocol|Invalid Input|Invalid Error|IO Error/i.test(message)
  )
    return cause;
  const [reason = ''] = message.replace(/^[^:]*: /, '').split('\n');
  return DataErrors.ParquetUnreadable(
    `file: got bytes that are no whole Parquet file (${reason.replaceAll(/'[^']*\/[^']*'/g, 'the file').slice(0, 200)})`,
    { cause },
  );
}

const WHOLE = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT)|U?HUGEINT)$/;
const FRACTION = /^(DOUBLE|FLOAT|DECIMAL\(.*\))$/;
const TEXT = /^(VARCHAR|ENUM\(.*\)|UUID)$/;

interface ParquetCell {
  /** What is read of the file. */
  raw: string;
  value: (raw: string) => string;
  isText: boolean;
  cell: Cell;
}

/** How a column of the file becomes one of the spec; a value that would not stay the same becomes NULL, and so is reported. */
function cellOf(name: string, column: Column, fileType: string): ParquetCell {
  const { type } = column;
  const source = sqlName(name);
  const cell: Cell = { name, column, value: source, present: '', shown: '' };
  const of = (value: (raw: string) => string, raw = source, isText = false): ParquetCell => ({
    raw,
    value,
    isText,
    cell,
  });
  if (TEXT.test(fileType)) return of((raw) => castText(raw, type), `${source}::VARCHAR`, type !== 'string');
  const refuse = () =>
    DataErrors.ColumnTypeMismatch(`${name}: got ${fileType} in the file's schema, expected ${EXPECTED[type]}`);
  switch (type) {
    case 'string':
      if (WHOLE.test(fileType)) return of((raw) => `${raw}::VARCHAR`);
      throw refuse();
    case 'double':
      if (WHOLE.test(fileType) || FRACTION.test(fileType)) return of((raw) => `${raw}::DOUBLE`);
      throw refuse();
    case 'integer':
      if (WHOLE.test(fileType)) return of((raw) => `TRY_CAST(${raw} AS BIGINT)`);
      if (FRACTION.test(fileType))
        return of((raw) => `CASE WHEN ${raw} = trunc(${raw}) THEN TRY_CAST(${raw} AS BIGINT) END`);
      throw refuse();
    case 'boolean':
      if (fileType === 'BOOLEAN') return of((raw) => raw);
      throw refuse();
    case 'date':
      if (fileType === 'DATE') return of((raw) => raw);
      if (/^TIMESTAMP(_|$)/.test(fileType))
        return of((raw) => `CASE WHEN ${raw} = date_trunc('day', ${raw}) THEN ${raw}::DATE END`);
      throw refuse();
    case 'timestamp':
      if (fileType === 'TIMESTAMP WITH TIME ZONE') return of((raw) => `${raw} AT TIME ZONE 'UTC'`);
      if (fileType === 'DATE' || /^TIMESTAMP(_|$)/.test(fileType)) return of((raw) => `${raw}::TIMESTAMP`);
      throw refuse();
  }
}
