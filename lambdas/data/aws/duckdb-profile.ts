import { type ColumnType, columnNames, curatedColumns, type DatasetSpec } from '../dataset-spec.ts';
import { SHOWN } from '../ports.ts';
import { type ColumnProfile, profileNumbers, TOP_VALUES } from '../profile.ts';
import { sqlFiles, sqlName } from '../sql-text.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/**
 * The profile of the rows of some files together, column by column. DuckDB decodes and groups, numbers are summed up
 * here: its own SUMMARIZE takes 14 times as long on a million rows of 16 numbers (docs/decisions).
 */
export async function profileColumns(
  duckdb: DuckdbSession,
  spec: Pick<DatasetSpec, 'columns'>,
  files: readonly string[],
): Promise<Record<string, ColumnProfile>> {
  const columns = curatedColumns(spec.columns);
  const names = columnNames(columns);
  await duckdb.run(`CREATE VIEW whole AS FROM read_parquet(${sqlFiles(files)})`);
  const profiles: Record<string, ColumnProfile> = {};
  for (const name of names)
    profiles[name] = await profileColumn(duckdb, sqlName(name), columns[name]?.type ?? 'string');
  return profiles;
}

async function profileColumn(duckdb: DuckdbSession, name: string, type: ColumnType): Promise<ColumnProfile> {
  const [counts] = await duckdb.rows<{ count: number; nulls: number }>(
    `SELECT count(${name})::INTEGER AS count, (count(*) - count(${name}))::INTEGER AS nulls FROM whole`,
  );
  const profile: ColumnProfile = { type, count: counts?.count ?? 0, nulls: counts?.nulls ?? 0 };
  if (type === 'double' || type === 'integer') {
    const values = await duckdb.numbers(`SELECT ${name}::DOUBLE FROM whole WHERE ${name} IS NOT NULL`);
    return { ...profile, ...profileNumbers(values) };
  }
  if (profile.count === 0) return profile;
  if (type === 'date' || type === 'timestamp') {
    const iso = type === 'date' ? '%Y-%m-%d' : '%Y-%m-%dT%H:%M:%S.%fZ';
    const [ends] = await duckdb.rows<{ min: string; max: string }>(
      `SELECT strftime(min(${name}), '${iso}') AS min, strftime(max(${name}), '${iso}') AS max FROM whole`,
    );
    return { ...profile, ...ends };
  }
  const [distinct] = await duckdb.rows<{ distinct: number }>(
    `SELECT count(DISTINCT ${name})::INTEGER AS "distinct" FROM whole`,
  );
  const top = await duckdb.rows<{ value: string; count: number }>(
    `SELECT left(${name}::VARCHAR, ${SHOWN}) AS value, count(*)::INTEGER AS count FROM whole WHERE ${name} IS NOT NULL
     GROUP BY ${name} ORDER BY count DESC, ${name} LIMIT ${TOP_VALUES}`,
  );
  return { ...profile, ...distinct, top };
}
