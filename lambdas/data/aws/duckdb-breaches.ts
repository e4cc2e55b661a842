import { columnNames, curatedColumns, type DatasetSpec } from '../dataset-spec.ts';
import { DataErrors } from '../errors.ts';
import { isPrivate, shownValue, WITHHELD } from '../kept-value.ts';
import { type Breach, type BreachCount, type BreachedRow, MAX_ROWS_SHOWN, MAX_SAMPLE, SHOWN } from '../ports.ts';
import { rowChecks } from '../row-checks.ts';
import { brokenRule, levelOf, ROW_RULES } from '../row-rules.ts';
import { sqlName, sqlText } from '../sql-text.ts';
import { MAX_MISFITS } from './csv-source.ts';
import { goodRow } from './duckdb-pass.ts';
import type { DuckdbSession } from './duckdb-session.ts';
import type { Source } from './duckdb-source.ts';

/** Columns that a breached row is shown with. */
const MAX_COLUMNS_SHOWN = 50;

export const openBreaches = (duckdb: DuckdbSession): Promise<void> =>
  duckdb.run('CREATE TABLE breaches (_row BIGINT, name VARCHAR, value VARCHAR, rule VARCHAR, level VARCHAR)');

/**
 * Says of every row that some rule does not let pass, or warns of, which rule it is: one scan of the file, after which
 * only such rows are held. They stay in the table `odd`, numbered by `_row`: 1 is the first record behind the header.
 * Records with another number of fields than the header have no values; they count in the numbers of the others.
 * @throws CsvUnparsable when it cannot be told where records begin and end, or the bytes are no UTF-8
 */
export async function findBreaches(duckdb: DuckdbSession, source: Source, spec: DatasetSpec): Promise<void> {
  await duckdb.run(`CREATE TABLE odd_places AS SELECT * FROM (SELECT row_number() OVER () AS _row, * FROM ${source.relation})
    WHERE NOT coalesce(${goodRow(source, spec, { warnings: true })}, false)`);
  if (source.rejects) await takeRejects(duckdb, source, spec);
  await duckdb.run(`CREATE VIEW odd AS SELECT * FROM ${rowOfPlace(source, 'odd_places')}`);
  const sound = source.brokenRecord ? `(${source.brokenRecord}) IS NULL` : 'true';
  if (source.brokenRecord) {
    const shown = isPrivate(spec.columns) ? sqlText(WITHHELD) : `left(${source.record ?? 'NULL'}, ${SHOWN})`;
    await duckdb.run(`INSERT INTO breaches SELECT _row, '(record)', ${shown}, ${source.brokenRecord}, 'quarantine'
      FROM odd WHERE NOT (${sound})`);
  }
  for (const cell of source.cells) {
    const shown = shownValue(cell.name, spec.columns, cell.shown, SHOWN);
    const levels = ROW_RULES.map((rule) => `WHEN '${rule}' THEN '${levelOf(cell.column, rule)}'`).join(' ');
    await duckdb.run(`INSERT INTO breaches SELECT _row, ${sqlText(cell.name)}, shown, rule, CASE rule ${levels} END FROM
      (SELECT _row, ${shown} AS shown, ${brokenRule(cell)} AS rule FROM odd WHERE ${sound}) WHERE rule IS NOT NULL`);
  }
  for (const { name, rule, level, holds, columns } of rowChecks(spec)) {
    const shown =
      columns.map((each) => shownValue(each, spec.columns, `${sqlName(each)}::VARCHAR`, SHOWN))[0] ?? 'NULL';
    await duckdb.run(`INSERT INTO breaches SELECT _row, ${sqlText(name)}, ${shown}, '${rule}', '${level}'
      FROM odd WHERE ${sound} AND NOT ${holds}`);
  }
}

const REASON: Record<string, string> = {
  'UNQUOTED VALUE': 'a quote there has no partner',
  'INVALID ENCODING': 'expected a file in UTF-8',
  'LINE SIZE OVER MAXIMUM': 'expected records of at most 2,000,000 bytes',
};

/** Records that the scan could not read become breaches, and the rows behind them move up by as many. */
async function takeRejects(duckdb: DuckdbSession, source: Source, spec: DatasetSpec): Promise<void> {
  const isText = source.record !== undefined;
  await duckdb.run(`CREATE TABLE misfits AS SELECT line - ${source.linesBefore} AS _row, any_value(error_type)::VARCHAR AS kind,
    any_value(csv_line) AS record FROM ${source.rejects} GROUP BY line`);
  const hidden = isPrivate(spec.columns);
  await refuseMisfits(duckdb, { hidden, isText });
  const shown = hidden || isText ? sqlText(WITHHELD) : `left(trim(record, chr(10) || chr(13)), ${SHOWN})`;
  await duckdb.run(
    `INSERT INTO breaches SELECT _row, '(record)', ${shown}, '${isText ? 'record' : 'columns'}', 'quarantine' FROM misfits`,
  );
  // The n-th good record stands behind as many misfits as were met before it.
  await duckdb.run(`CREATE TABLE shifts AS SELECT place, max(shift) AS shift FROM
    (SELECT _row - row_number() OVER (ORDER BY _row) + 1 AS place, row_number() OVER (ORDER BY _row) AS shift FROM misfits)
    GROUP BY place`);
}

/** A relation whose `_row` is a place among the readable records, with the record's place among all in its stead. */
export const rowOfPlace = (source: Source, relation: string): string =>
  source.rejects
    ? `(SELECT * EXCLUDE (place, shift) REPLACE (_row + coalesce(shift, 0) AS _row) FROM ${relation} ASOF LEFT JOIN shifts ON _row >= place)`
    : relation;

/** @throws CsvUnparsable for a record of a CSV that has no end, and where more records are misfits than are counted */
async function refuseMisfits(
  duckdb: DuckdbSession,
  { hidden, isText }: { hidden: boolean; isText: boolean },
): Promise<void> {
  if (!isText) await refuseUnreadable(duckdb, hidden);
  const [{ misfits } = { misfits: 0 }] = await duckdb.rows<{ misfits: number }>(
    'SELECT count(*)::INTEGER AS misfits FROM misfits',
  );
  if (misfits <= MAX_MISFITS) return;
  throw DataErrors.CsvUnparsable(
    `rows: got more than ${MAX_MISFITS} that cannot be read, or have another number of fields than the header, expected records that are alike`,
  );
}

async function refuseUnreadable(duckdb: DuckdbSession, hidden: boolean): Promise<void> {
  const [fatal] = await duckdb.rows<{ row: number; kind: string; record: string }>(
    `SELECT _row::INTEGER AS row, kind, left(record, ${SHOWN}) AS record FROM misfits
     WHERE kind NOT IN ('MISSING COLUMNS', 'TOO MANY COLUMNS') ORDER BY _row LIMIT 1`,
  );
  if (!fatal) return;
  const got = hidden ? WITHHELD : JSON.stringify(fatal.record);
  throw DataErrors.CsvUnparsable(`row ${fatal.row}: got ${got}, ${REASON[fatal.kind] ?? fatal.kind.toLowerCase()}`);
}

/** What DuckDB could not read of a text file is the file's fault; what it could not do (memory, disk) is not. */
export function readingFailure(cause: unknown, hidden: boolean): unknown {
  const message = String((cause as { message?: unknown } | undefined)?.message);
  if (!/^(Invalid Input|Conversion|CSV) ?Error/i.test(message)) return cause;
  const [reason = ''] = message.replace(/^[^:]*: /, '').split('\n');
  return DataErrors.CsvUnparsable(
    `file: got records that are no CSV${hidden ? '' : ` (${reason.slice(0, 200)})`}, expected RFC 4180 with one kind of line end`,
    hidden ? undefined : { cause },
  );
}

export interface Breaches {
  /** Rows that are not taken. */
  broken: number;
  /** Those of them that are broken by themselves, so that they did not pass. */
  unread: number;
  counts: BreachCount[];
  sample: Breach[];
}

export async function readBreaches(duckdb: DuckdbSession): Promise<Breaches> {
  const [{ broken, unread } = { broken: 0, unread: 0 }] = await duckdb.rows<{ broken: number; unread: number }>(
    `SELECT (count(DISTINCT _row) + count(*) FILTER (_row IS NULL))::DOUBLE AS broken,
       count(DISTINCT _row) FILTER (rule NOT IN ('unique', 'conflict', 'anonymity'))::DOUBLE AS unread
     FROM breaches WHERE level <> 'warn'`,
  );
  const counts = await duckdb.rows<BreachCount>(
    `SELECT name AS "column", rule, level, count(*)::DOUBLE AS rows FROM breaches GROUP BY ALL ORDER BY rows DESC, name, rule`,
  );
  const sample = await duckdb.rows<Breach>(
    `SELECT _row::DOUBLE AS row, name AS "column", value, rule, level FROM breaches ORDER BY _row, name, rule LIMIT ${MAX_SAMPLE}`,
  );
  return { broken, unread, counts, sample };
}

/** The first rows with a breach, as much of them as would have been kept. */
export async function readBreachedRows(
  duckdb: DuckdbSession,
  source: Source,
  spec: DatasetSpec,
): Promise<BreachedRow[]> {
  const names = columnNames(curatedColumns(spec.columns)).slice(0, MAX_COLUMNS_SHOWN);
  const shown = source.cells
    .filter(({ name }) => names.includes(name))
    .map((cell) => `${shownValue(cell.name, spec.columns, cell.shown, SHOWN)} AS ${sqlName(cell.name)}`);
  const rows = await duckdb.rows<Record<string, string | null> & { _row: number }>(
    `SELECT _row::DOUBLE AS _row, ${shown.join(', ')} FROM odd
     WHERE ${source.brokenRecord ? `(${source.brokenRecord}) IS NULL` : 'true'} ORDER BY odd._row LIMIT ${MAX_ROWS_SHOWN}`,
  );
  return rows.map(({ _row: row, ...values }) => ({ row, values }));
}
