import { open } from 'node:fs/promises';
import { HEADER_BYTES } from '../csv-header.ts';
import { DataErrors } from '../errors.ts';
import { sqlName, sqlText } from '../row-rules.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/** More records than this with the wrong number of fields, and the file is no CSV of this kind at all. */
const MAX_MISFITS = 10_000;
/** What a report shows of a value, in characters. */
export const SHOWN = 80;

export async function startOf(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * Reads a CSV's records as texts into the view `staged`, numbered by `_row` (1 is the first behind the header; an
 * empty field is NULL), and the records with too few or too many fields into the table `breaches`. Blank lines are
 * no records; they count only in the number of a record with the wrong number of fields. Empty fields behind the
 * header's last are nothing.
 * @returns how many records the file has
 * @throws CsvUnparsable when it cannot be told where records begin and end, or the bytes are no UTF-8
 */
export async function stageCsv(duckdb: DuckdbSession, file: string, header: readonly string[]): Promise<number> {
  const columns = header.map((name) => `${sqlText(name)}: 'VARCHAR'`).join(', ');
  try {
    await duckdb.run(`CREATE TABLE scanned AS SELECT row_number() OVER () AS _place, * FROM read_csv(${sqlText(file)},
      delim = ',', quote = '"', escape = '"', header = true, auto_detect = false, strict_mode = true,
      columns = {${columns}}, store_rejects = true, rejects_table = 'rejects', rejects_scan = 'scans',
      rejects_limit = ${MAX_MISFITS + 1})`);
  } catch (cause) {
    throw readingFailure(cause);
  }
  await duckdb.run(`CREATE TABLE misfits AS SELECT line - 1 AS _row, any_value(error_type)::VARCHAR AS kind,
    any_value(csv_line) AS record FROM rejects GROUP BY line`);
  const misfits = await checkMisfits(duckdb);
  await duckdb.run(`CREATE TABLE breaches AS
    SELECT _row, '(record)' AS name, left(trim(record, chr(10) || chr(13)), ${SHOWN}) AS value, 'columns' AS rule FROM misfits`);
  // The n-th good record stands behind as many misfits as were met before it.
  await duckdb.run(`CREATE TABLE shifts AS SELECT _row - row_number() OVER (ORDER BY _row) + 1 AS place,
    row_number() OVER (ORDER BY _row) AS shift FROM misfits`);
  await duckdb.run(`CREATE TABLE shifted AS SELECT place, max(shift) AS shift FROM shifts GROUP BY place`);
  const texts = header.map(sqlName).join(', ');
  await duckdb.run(
    misfits === 0
      ? `CREATE VIEW staged AS SELECT _place AS _row, ${texts} FROM scanned`
      : `CREATE VIEW staged AS SELECT _place + coalesce(shift, 0) AS _row, ${texts}
         FROM scanned ASOF LEFT JOIN shifted ON scanned._place >= shifted.place`,
  );
  const [{ records } = { records: 0 }] = await duckdb.rows<{ records: number }>(
    'SELECT count(*)::INTEGER AS records FROM scanned',
  );
  return records + misfits;
}

/** The number of records that only have the wrong number of fields. */
async function checkMisfits(duckdb: DuckdbSession): Promise<number> {
  const [fatal] = await duckdb.rows<{ row: number; kind: string; record: string }>(
    `SELECT _row::INTEGER AS row, kind, left(record, ${SHOWN}) AS record FROM misfits
     WHERE kind NOT IN ('MISSING COLUMNS', 'TOO MANY COLUMNS') ORDER BY _row LIMIT 1`,
  );
  if (fatal) {
    throw DataErrors.CsvUnparsable(
      `row ${fatal.row}: got ${JSON.stringify(fatal.record)}, ${REASON[fatal.kind] ?? fatal.kind.toLowerCase()}`,
    );
  }
  const [{ misfits } = { misfits: 0 }] = await duckdb.rows<{ misfits: number }>(
    'SELECT count(*)::INTEGER AS misfits FROM misfits',
  );
  if (misfits <= MAX_MISFITS) return misfits;
  throw DataErrors.CsvUnparsable(
    `rows: got more than ${MAX_MISFITS} with another number of fields than the header has, expected a CSV file`,
  );
}

const REASON: Record<string, string> = {
  'UNQUOTED VALUE': 'a quote there has no partner',
  'INVALID ENCODING': 'expected a CSV file in UTF-8',
  'LINE SIZE OVER MAXIMUM': 'expected records of at most 2,000,000 bytes',
};

/** What DuckDB could not read is the file's fault; what it could not do (memory, disk) is not. */
function readingFailure(cause: unknown): unknown {
  const message = String((cause as { message?: unknown } | undefined)?.message);
  if (!/^(Invalid Input|Conversion|CSV) ?Error/i.test(message)) return cause;
  const [reason = ''] = message.replace(/^[^:]*: /, '').split('\n');
  return DataErrors.CsvUnparsable(
    `file: got records that are no CSV (${reason.slice(0, 200)}), expected RFC 4180 with one kind of line end`,
    { cause },
  );
}
