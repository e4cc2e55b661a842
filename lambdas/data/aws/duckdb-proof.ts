import type { DatasetSpec } from '../dataset-spec.ts';
import { type Bounds, boundsOf } from '../row-rules.ts';
import { sqlFiles, sqlName, sqlText } from '../sql-text.ts';
import type { DuckdbSession } from './duckdb-session.ts';
import type { Source } from './duckdb-source.ts';

/**
 * Bounds that the statistics of a written file can prove, so that no row need be asked: a fifth of a pass over many
 * columns of numbers (measured). Those of columns whose value is kept as it came.
 */
export const provable = ({ cells }: Source, { columns }: DatasetSpec): Bounds[] =>
  cells.flatMap((cell) => (columns[cell.name]?.privacy ? [] : (boundsOf(cell, { warnings: false }) ?? [])));

/**
 * Whether every value in Parquet files is within these bounds, by what the files say of their row groups. A row group
 * says nothing of a column in which it has a NaN, and then nothing is proved.
 */
export async function areWithin(
  duckdb: DuckdbSession,
  files: readonly string[],
  bounds: readonly Bounds[],
): Promise<boolean> {
  if (files.length === 0 || bounds.length === 0) return true;
  const claims = bounds.map(({ name, low, high, nullable }) => `(${sqlText(name)}, ${low}, ${high}, ${nullable})`);
  const [low, high] = ['min', 'max'].map((end) => `TRY_CAST(${sqlName(`stats_${end}_value`)} AS DOUBLE)`);
  const [found] = await duckdb.rows<{ chunks: number; proved: number }>(
    `WITH claims(name, low, high, nullable) AS (VALUES ${claims.join(', ')}),
       chunks AS (SELECT path_in_schema AS name, row_group_num_rows AS rows, stats_null_count AS nulls, ${low} AS least, ${high} AS most
         FROM parquet_metadata(${sqlFiles(files)}))
     SELECT count(*)::DOUBLE AS chunks, count(*) FILTER ((nullable OR nulls = 0) AND (nulls = rows OR (least >= low AND most <= high)))::DOUBLE AS proved
     FROM chunks JOIN claims USING (name)`,
  );
  return found !== undefined && found.chunks > 0 && found.proved === found.chunks;
}
