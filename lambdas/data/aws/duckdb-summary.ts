import { type ColumnSummary, KEPT_VALUES, summaryOfNumbers, type TextSummary } from '../column-summary.ts';
import { columnNames, type DatasetSpec } from '../dataset-spec.ts';
import type { NumberColumn } from '../number-profile.ts';
import { summariseNumbers } from '../number-profile.ts';
import { SHOWN } from '../ports.ts';
import { sqlName } from '../sql-text.ts';
import { countTexts, estimateTexts } from './duckdb-groups.ts';
import { blocksOf, parquetFiles } from './duckdb-profile.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/**
 * Summaries of one part of a dataset too large for one function, by column; `mergeSummaries` makes those of the whole.
 * Days and times are left out.
 */
export async function summariseFiles(
  duckdb: DuckdbSession,
  columns: DatasetSpec['columns'],
  files: readonly string[],
): Promise<Record<string, ColumnSummary>> {
  const relation = parquetFiles(files);
  const summaries: Record<string, ColumnSummary> = {};
  for (const name of columnNames(columns)) {
    const { type } = columns[name] as DatasetSpec['columns'][string];
    if (type === 'double' || type === 'integer') {
      const column: NumberColumn = { name, type, correlates: false };
      const { scan, centred } = await summariseNumbers(type, blocksOf(duckdb, relation, [column], 0));
      summaries[name] = summaryOfNumbers(type, scan, centred);
    } else if (type === 'string' || type === 'boolean') {
      summaries[name] = await summariseText(duckdb, relation, name, type);
    }
  }
  return summaries;
}

async function summariseText(
  duckdb: DuckdbSession,
  relation: string,
  column: string,
  type: TextSummary['type'],
): Promise<TextSummary> {
  const name = `${sqlName(column)}`;
  const { count, nulls, lengths } = await countTexts(duckdb, relation, name);
  const distinct = await estimateTexts(duckdb, relation, name);
  const found = await duckdb.rows<{ value: string; times: number }>(
    `SELECT left(${name}::VARCHAR, ${SHOWN}) AS value, count(*)::DOUBLE AS times FROM ${relation} WHERE ${name} IS NOT NULL
     GROUP BY ${name} ORDER BY count(*) DESC, ${name} LIMIT ${KEPT_VALUES + 1}`,
  );
  return {
    ...{ kind: 'text', type, count, nulls },
    ...(type === 'string' && count > 0 && { lengths }),
    distinct,
    top: found.slice(0, KEPT_VALUES).map(({ value, times }) => [value, times]),
    missed: found[KEPT_VALUES]?.times ?? 0,
  };
}
