import type { ObjectStore } from '../../shared/objects.ts';
import type { DatasetSpec } from '../dataset-spec.ts';
import { DataErrors } from '../errors.ts';
import type { RefineRequest } from '../ports.ts';
import { referenceTable, refusedCondition, rowChecks } from '../row-checks.ts';
import { type Cell, storedType } from '../row-rules.ts';
import { sqlFiles, sqlName, sqlText } from '../sql-text.ts';
import { downloadFiles } from './curated-files.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/**
 * Makes the checks of a spec ready: the values that references allow as tables, and every condition proved to be one.
 * @throws CheckUnusable by name, when a condition is none or a reference has no such column
 */
export async function prepareChecks(
  { duckdb, curated, folder }: { duckdb: DuckdbSession; curated: ObjectStore; folder: string },
  references: RefineRequest['references'],
  spec: DatasetSpec,
  cells: readonly Cell[],
): Promise<void> {
  const typed = cells.map(({ name, column }) => `NULL::${storedType(column.type)} AS ${sqlName(name)}`).join(', ');
  await duckdb.run(`CREATE VIEW _rows AS SELECT ${typed} WHERE false`);
  for (const { name, column } of cells) {
    if (column.pattern === undefined) continue;
    await duckdb.run(`SELECT regexp_full_match('', ${sqlText(column.pattern)})`).catch((cause: Error) => {
      throw DataErrors.CheckUnusable(
        `columns.${name}.pattern: got ${JSON.stringify(column.pattern)}, ${cause.message.split('\n')[0]}`,
      );
    });
  }
  for (const check of spec.checks ?? []) {
    const refuse = (reason: string) => DataErrors.CheckUnusable(`checks.${check.name}: ${reason}`);
    if (check.rule === 'sql') {
      const [{ tree } = { tree: '{}' }] = await duckdb.rows<{ tree: string }>(
        `SELECT json_serialize_sql(${sqlText(`SELECT (\n${check.where}\n) FROM _rows`)})::VARCHAR AS tree`,
      );
      const reason = refusedCondition(
        JSON.parse(tree),
        cells.map(({ name }) => name),
        await constantFunctions(duckdb),
      );
      if (reason) throw refuse(`where: got ${JSON.stringify(check.where)}, ${reason}`);
      await duckdb.run(`SELECT (\n${check.where}\n)::BOOLEAN FROM _rows`).catch((cause: Error) => {
        throw refuse(`where: got ${JSON.stringify(check.where)}, ${cause.message.split('\n')[0]}`);
      });
    }
    if (check.rule === 'reference') {
      const manifest = references?.[check.dataset];
      if (!manifest) throw refuse(`dataset: got ${check.dataset}, there is no version of it`);
      if (!manifest.columns[check.key]) throw refuse(`key: got ${check.key}, ${check.dataset} has no such column`);
      const files = await downloadFiles({ curated, folder }, manifest, manifest.files);
      await duckdb.run(`CREATE TABLE ${referenceTable(check)} AS
        SELECT DISTINCT ${sqlName(check.key)}::VARCHAR AS value FROM read_parquet(${sqlFiles(files)})
        WHERE ${sqlName(check.key)} IS NOT NULL`);
    }
  }
}

/** DuckDB's scalar functions, operators included, that always answer the same to the same. */
async function constantFunctions(duckdb: DuckdbSession): Promise<Set<string>> {
  const rows = await duckdb.rows<{ name: string }>(
    `SELECT DISTINCT function_name AS name FROM duckdb_functions()
     WHERE function_type IN ('scalar', 'macro') AND coalesce(stability, 'CONSISTENT') = 'CONSISTENT'`,
  );
  return new Set(rows.map(({ name }) => name.toLowerCase()));
}

/** Conditions that every row must meet to be taken; with `warnings`, also those that only warn. */
export const conditions = (spec: DatasetSpec, { warnings }: { warnings: boolean }): string[] =>
  rowChecks(spec).flatMap(({ holds, level }) => (warnings || level !== 'warn' ? [holds] : []));
