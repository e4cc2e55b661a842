import type { ObjectStore } from '../../shared/objects.ts';
import { type ColumnType, columnNames } from '../dataset-spec.ts';
import type { FeatureValue, FeatureValues } from '../feature-answers.ts';
import { type FeatureSpec, featureNames } from '../feature-spec.ts';
import type { CompiledFeature } from '../feature-sql.ts';
import type { ComputeOnline, MaterialiseRequest } from '../materialise.ts';
import type { EntityRow } from '../online-table.ts';
import { sqlName } from '../sql-text.ts';
import { inDuckdbPages } from './duckdb-features.ts';
import { compiledFeatures, computing, historyOf, rowsOf } from './duckdb-history.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/** Entities of one page: with 100 features of some text each, it is a few MB of JSON. */
const PAGE = 1000;

/** Features of changed entities as of their latest row, by the same query that joins them to a spine. */
export const duckdbOnline =
  (curated: ObjectStore, page = PAGE): ComputeOnline =>
  (request) =>
    inDuckdbPages((duckdb, folder) => pagesOf(duckdb, { curated, folder, page }, request));

async function* pagesOf(
  duckdb: DuckdbSession,
  { curated, folder, page }: { curated: ObjectStore; folder: string; page: number },
  { spec, manifest, changed }: MaterialiseRequest,
): AsyncGenerator<EntityRow[]> {
  if (changed.length === 0) return;
  const { columns } = manifest;
  const features = await compiledFeatures(duckdb, spec, columns);
  const names = spec.entity.map(sqlName).join(', ');
  const touched = historyOf(await rowsOf({ curated, folder }, changed, columns), spec);
  await duckdb.run(`CREATE TABLE touched AS SELECT DISTINCT ${names} FROM ${touched}`);
  const all = await rowsOf(
    { curated, folder },
    manifest.files.map((file) => ({ of: manifest, file })),
    columns,
  );
  await duckdb.run(`CREATE VIEW history AS SELECT * FROM ${historyOf(all, spec)} SEMI JOIN touched USING (${names})`);
  await duckdb.run(`CREATE TABLE spine AS SELECT row_number() OVER (ORDER BY ${names}) AS _row, ${names}, _at FROM
    (SELECT ${names}, max(_known) AS _at FROM history GROUP BY ${names})`);
  await duckdb.run(`CREATE VIEW recent AS SELECT history.* FROM history JOIN spine USING (${names})
    WHERE _known > _at - to_seconds(${longestWindow(features)})`);
  const asked = { features, entity: spec.entity, history: 'recent', spine: 'spine', order: columnNames(columns) };
  await computing(duckdb, spec, asked, (sql) => duckdb.run(`CREATE TABLE valued AS ${sql}`));
  // Entities without rows any more come behind the others.
  await duckdb.run(`CREATE TABLE listed AS SELECT spine.*, valued.* EXCLUDE (_row) FROM spine JOIN valued USING (_row)
    UNION ALL BY NAME SELECT ${names}, (SELECT count(*) FROM spine) + row_number() OVER (ORDER BY ${names}) AS _row
    FROM touched ANTI JOIN spine USING (${names})`);
  const shown = shownColumns(spec, (name) => columns[name]?.type ?? 'string');
  for (let from = 0; ; from += page) {
    const rows = await duckdb.rows<Record<string, FeatureValue>>(
      `SELECT ${shown} FROM listed WHERE _row > ${from} AND _row <= ${from + page} ORDER BY _row`,
    );
    if (rows.length === 0) return;
    yield rows.map((row) => entityRow(spec, row));
  }
}

/** The latest row itself is always in it. */
const longestWindow = (features: readonly CompiledFeature[]) =>
  Math.max(1, ...features.map(({ windowSeconds = 1 }) => windowSeconds));

/** A value as the online table has it. */
function shown(column: string, type: ColumnType): string {
  if (type === 'integer') return `${column}::DOUBLE`;
  if (type === 'date') return `strftime(${column}, '%Y-%m-%d')`;
  return type === 'timestamp' ? `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%fZ')` : column;
}

function shownColumns(spec: FeatureSpec, typeOf: (name: string) => ColumnType): string {
  const entity = spec.entity.map((name, i) => `${shown(sqlName(name), typeOf(name))} AS _e${i}`);
  const values = featureNames(spec).map((name, i) => {
    const { type } = spec.features[name] as { type: ColumnType };
    return `${shown(sqlName(name), type)} AS _v${i}`;
  });
  return [...entity, ...values, `${shown('_at', 'timestamp')} AS _as_of`].join(', ');
}

function entityRow(spec: FeatureSpec, row: Record<string, FeatureValue>): EntityRow {
  const picked = (names: readonly string[], prefix: string): FeatureValues =>
    Object.fromEntries(names.map((name, i) => [name, row[`${prefix}${i}`] ?? null]));
  const asOf = (row['_as_of'] ?? null) as string | null;
  return { entity: picked(spec.entity, '_e'), values: asOf === null ? null : picked(featureNames(spec), '_v'), asOf };
}
