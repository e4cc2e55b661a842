import { readFile, writeFile } from 'node:fs/promises';
import { digestOf } from '../../shared/digest.ts';
import type { ObjectStore } from '../../shared/objects.ts';
import { type ColumnType, columnNames } from '../dataset-spec.ts';
import { DataErrors } from '../errors.ts';
import type { ComputeOffline, OfflineRequest } from '../feature-joins.ts';
import { type FeatureSpec, featureNames } from '../feature-spec.ts';
import { storedType } from '../row-rules.ts';
import { sqlName, sqlText } from '../sql-text.ts';
import { inDuckdb } from './duckdb-features.ts';
import { compiledFeatures, computing, historyOf, rowsOf } from './duckdb-history.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/** Point-in-time joins in DuckDB, one thread: the same request gives the same bytes. */
export const duckdbJoin =
  (curated: ObjectStore): ComputeOffline =>
  (request) =>
    inDuckdb((duckdb, folder) => join(duckdb, { curated, folder }, request));

async function join(
  duckdb: DuckdbSession,
  place: { curated: ObjectStore; folder: string },
  { spec, manifest, files, spine, format }: OfflineRequest,
) {
  const { columns } = manifest;
  const features = await compiledFeatures(duckdb, spec, columns);
  const rows = await rowsOf(
    place,
    files.map((file) => ({ of: manifest, file })),
    columns,
  );
  await duckdb.run(`CREATE VIEW history AS SELECT * FROM ${historyOf(rows, spec)}`);
  const carried = spine
    ? await readSpine(duckdb, place.folder, spine, spec, columns)
    : await ownSpine(duckdb, spec, columns);
  const asked = { features, entity: spec.entity, history: 'history', spine: 'spine', order: columnNames(columns) };
  const shown = carried.map((name) => carriedColumn(name, format)).concat(featureNames(spec).map(sqlName));
  const file = `${place.folder}/joined.${format}`;
  const how =
    format === 'csv' ? 'FORMAT csv, HEADER true' : 'FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 122880';
  await computing(duckdb, spec, asked, (sql) =>
    duckdb.run(`COPY (SELECT ${shown.join(', ')} FROM given JOIN (${sql}) USING (_row) ORDER BY _row)
      TO ${sqlText(file)} (${how})`),
  );
  const [{ count } = { count: 0 }] = await duckdb.rows<{ count: number }>(
    'SELECT count(*)::INTEGER AS count FROM given',
  );
  const bytes = await readFile(file);
  return { bytes, rows: count, sha256: digestOf(bytes) };
}

/** A CSV carries times the way that a spine is written, so that a joined file can be a spine again. */
const carriedColumn = ({ name, type }: Carried, format: OfflineRequest['format']) =>
  format === 'csv' && type === 'timestamp'
    ? `strftime(${sqlName(name)}, '%Y-%m-%dT%H:%M:%S.%fZ') AS ${sqlName(name)}`
    : sqlName(name);

interface Carried {
  name: string;
  type: ColumnType;
}
type Columns = OfflineRequest['manifest']['columns'];

/** The dataset's own rows that were given, with what names them and what is to be foretold of them. */
async function ownSpine(duckdb: DuckdbSession, spec: FeatureSpec, columns: Columns): Promise<Carried[]> {
  const naming = [...spec.entity, spec.timestamp];
  const others = columnNames(columns).filter((name) => !naming.includes(name));
  const labels = others.filter((name) => ['key', 'group', 'target'].includes(columns[name]?.role ?? ''));
  const carried = [...naming, ...labels].map((name) => ({ name, type: columns[name]?.type ?? 'string' }));
  refuseClash(
    carried.map(({ name }) => name),
    spec,
  );
  const order = [...naming, ...others].map(sqlName).join(', ');
  await duckdb.run(`CREATE TABLE given AS SELECT row_number() OVER (ORDER BY ${order}) AS _row,
    ${carried.map(({ name }) => sqlName(name)).join(', ')} FROM history`);
  await duckdb.run(`CREATE VIEW spine AS SELECT _row, ${spec.entity.map(sqlName).join(', ')},
    ${sqlName(spec.timestamp)}::TIMESTAMP AS _at FROM given`);
  return carried;
}

const DAY = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const TIME = `${DAY}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z?`;
/** How a value is written: DuckDB's own casts take more than anyone means, such as 1.5 for a whole number. */
const WRITTEN: Record<ColumnType, string> = {
  string: '[^\\x00]+',
  double: '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?',
  integer: '[+-]?[0-9]{1,16}',
  boolean: '(?i:true|false)',
  date: DAY,
  timestamp: TIME,
};

/** A CSV's rows, in their order, with every column that it has. */
async function readSpine(
  duckdb: DuckdbSession,
  folder: string,
  bytes: Uint8Array,
  spec: FeatureSpec,
  columns: Columns,
): Promise<Carried[]> {
  const file = `${folder}/spine.csv`;
  await writeFile(file, bytes);
  try {
    await duckdb.run(`CREATE TABLE given AS SELECT row_number() OVER () AS _row, * FROM read_csv(${sqlText(file)},
      delim = ',', quote = '"', escape = '"', header = true, all_varchar = true, strict_mode = true)`);
  } catch (cause) {
    const [reason = ''] = (cause as Error).message.replace(/^[\w ]+ Error: /, '').split('\n');
    throw DataErrors.SpineInvalid(`spine: got what is no CSV (${reason.slice(0, 200)}), expected RFC 4180 in UTF-8`, {
      cause,
    });
  }
  const names = (await duckdb.rows<{ column_name: string }>('DESCRIBE given'))
    .slice(1)
    .map(({ column_name }) => column_name);
  const lacking = [...spec.entity, spec.timestamp].find((name) => !names.includes(name));
  if (lacking !== undefined)
    throw DataErrors.SpineInvalid(`spine: got the columns ${names.join(', ')}, expected ${lacking} among them`);
  refuseClash(names, spec);
  const typed = spec.entity.map((name) => ({ name, type: columns[name]?.type ?? 'string' }));
  for (const { name, type } of typed)
    await refuseUntyped(duckdb, name, {
      written: WRITTEN[type],
      as: storedType(type),
      expected: `one of type ${type}`,
    });
  const at = sqlName(spec.timestamp);
  const expected = 'a day, or a UTC time as yyyy-mm-ddThh:mm:ssZ';
  await refuseUntyped(duckdb, spec.timestamp, { written: `${DAY}|${TIME}`, as: 'TIMESTAMP', expected });
  const entity = typed.map(({ name, type }) => `CAST(${sqlName(name)} AS ${storedType(type)}) AS ${sqlName(name)}`);
  await duckdb.run(
    `CREATE VIEW spine AS SELECT _row, ${entity.join(', ')}, CAST(${at} AS TIMESTAMP) AS _at FROM given`,
  );
  return names.map((name) => ({ name, type: 'string' as const }));
}

async function refuseUntyped(
  duckdb: DuckdbSession,
  name: string,
  { written, as, expected }: { written: string; as: string; expected: string },
): Promise<void> {
  const value = sqlName(name);
  const [row] = await duckdb.rows<{ _row: number; value: string | null }>(
    `SELECT _row::INTEGER AS _row, left(${value}, 80) AS value FROM given
     WHERE NOT coalesce(regexp_full_match(${value}, '${written}'), false) OR TRY_CAST(${value} AS ${as}) IS NULL
     ORDER BY _row LIMIT 1`,
  );
  if (row)
    throw DataErrors.SpineInvalid(
      `spine: row ${row._row}: ${name}: got ${row.value === null ? 'nothing' : JSON.stringify(row.value)}, expected ${expected}`,
    );
}

function refuseClash(names: readonly string[], spec: FeatureSpec): void {
  const taken = featureNames(spec).map((name) => name.toLowerCase());
  const clash = names.find((name) => taken.includes(name.toLowerCase()) || name.startsWith('_'));
  if (clash !== undefined)
    throw DataErrors.SpineInvalid(
      `spine: got a column ${clash}, expected none with a feature's name or with an underscore before it`,
    );
}
