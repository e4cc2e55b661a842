import { type DatasetSpec, isTemporal } from '../dataset-spec.ts';
import { DataErrors } from '../errors.ts';
import type { FileCheck, RefineRequest } from '../ports.ts';
import { sqlFiles, sqlName } from '../sql-text.ts';
import type { LocalFile } from './duckdb-parquet.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/** What a person is shown of values that should not be there. */
const EXAMPLES = 5;

/** Checks that are of a file as a whole, over the rows of it that stay. */
export async function checkFile(
  duckdb: DuckdbSession,
  { spec, rowsBefore, at }: Pick<RefineRequest, 'spec' | 'rowsBefore' | 'at'>,
  files: readonly LocalFile[],
  given: number,
): Promise<FileCheck[]> {
  const found: FileCheck[] = [];
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const one = async <Answer>(expression: string) =>
    files.length === 0
      ? undefined
      : (
          await duckdb.rows<{ answer: Answer }>(
            `SELECT ${expression} AS answer FROM read_parquet(${sqlFiles(files.map(({ local }) => local))})`,
          )
        )[0]?.answer;
  for (const check of spec.checks ?? []) {
    const { name, level, rule } = check;
    const say = (passed: boolean, text: string) => {
      if (rule === 'nulls' || rule === 'rows' || rule === 'fresh')
        found.push({ name, rule, level, passed, found: text });
    };
    // A file of which everything is there already says nothing new of the dataset.
    if (rows === 0 && rule !== 'rows') continue;
    if (rule === 'nulls') {
      const nulls = (await one<number>(`(count(*) - count(${sqlName(check.column)}))::DOUBLE`)) ?? 0;
      const percent = rows === 0 ? 0 : (nulls / rows) * 100;
      say(
        percent <= check.atMostPercent,
        `${check.column}: ${nulls} of ${rows} are empty, at most ${check.atMostPercent} % may be`,
      );
    }
    if (rule === 'rows') say(...rowCount(check, given, rowsBefore));
    if (rule === 'fresh') {
      const newest = await one<string>(`strftime(max(${sqlName(check.column)})::TIMESTAMP, '%Y-%m-%dT%H:%M:%SZ')`);
      const hours = newest ? (Date.parse(at) - Date.parse(newest)) / 3_600_000 : Number.POSITIVE_INFINITY;
      say(
        hours <= check.withinHours,
        `${check.column}: the newest is ${newest ?? 'none'}, expected within ${check.withinHours} hours of ${at}`,
      );
    }
  }
  return found;
}

type RowsCheck = Extract<NonNullable<DatasetSpec['checks']>[number], { rule: 'rows' }>;

function rowCount(
  { atLeast, atMost, deltaPercent }: RowsCheck,
  given: number,
  before: number | undefined,
): [boolean, string] {
  if (atLeast !== undefined && given < atLeast) return [false, `got ${given} rows, expected at least ${atLeast}`];
  if (atMost !== undefined && given > atMost) return [false, `got ${given} rows, expected at most ${atMost}`];
  if (deltaPercent !== undefined && before !== undefined && Math.abs(given - before) > (before * deltaPercent) / 100)
    return [
      false,
      `got ${given} rows where the file before had ${before}, expected at most ${deltaPercent} % more or less`,
    ];
  return [true, `got ${given} rows`];
}

/**
 * Groups of fewer rows than `k` that share what could identify them, as the table `small_groups`.
 * @returns what was found, the smallest groups first; undefined where the spec asks for no anonymity
 */
export async function checkAnonymity(
  duckdb: DuckdbSession,
  { anonymity }: Pick<DatasetSpec, 'anonymity'>,
  files: readonly LocalFile[],
): Promise<FileCheck | undefined> {
  if (!anonymity || files.length === 0) return undefined;
  const { columns, k, level } = anonymity;
  const names = columns.map(sqlName).join(', ');
  await duckdb.run(`CREATE TABLE small_groups AS SELECT ${names}, count(*)::DOUBLE AS _n
    FROM read_parquet(${sqlFiles(files.map(({ local }) => local))}) GROUP BY ${names} HAVING count(*) < ${k}`);
  const smallest = await duckdb.rows<{ group: string; n: number }>(
    `SELECT concat_ws(', ', ${columns.map((name) => `coalesce(${sqlName(name)}::VARCHAR, '(empty)')`).join(', ')}) AS "group", _n AS n
     FROM small_groups ORDER BY _n, "group" LIMIT ${EXAMPLES}`,
  );
  const [{ groups, rows } = { groups: 0, rows: 0 }] = await duckdb.rows<{ groups: number; rows: number }>(
    'SELECT count(*)::DOUBLE AS groups, coalesce(sum(_n), 0)::DOUBLE AS rows FROM small_groups',
  );
  const examples = smallest.map(({ group, n }) => `${group} (${n})`).join('; ');
  return {
    name: 'anonymity',
    rule: 'anonymity',
    level,
    passed: groups === 0,
    found:
      groups === 0
        ? `every combination of ${columns.join(', ')} has at least ${k} rows`
        : `${groups} combinations of ${columns.join(', ')} have fewer than ${k} rows, ${rows} in all; the smallest: ${examples}`,
  };
}

/**
 * No value of a column that is kept apart lies on both sides of the split, in the dataset as it would be.
 * @throws SplitLeak
 */
export async function checkApart(
  duckdb: DuckdbSession,
  { split, columns }: Pick<DatasetSpec, 'split' | 'columns'>,
  files: readonly { split: string; local: string }[],
): Promise<void> {
  const side = (name: string) => files.filter((file) => file.split === name).map(({ local }) => local);
  const [train, test] = [side('train'), side('test')];
  if (train.length === 0 || test.length === 0) return;
  for (const name of split.apart ?? []) {
    const values = (side: string[]) =>
      `SELECT ${sqlName(name)} FROM read_parquet(${sqlFiles(side)}) WHERE ${sqlName(name)} IS NOT NULL`;
    const both = await duckdb.rows<{ value: string }>(
      `SELECT v::VARCHAR AS value FROM (${values(train)} INTERSECT ${values(test)}) AS t(v) ORDER BY value LIMIT ${EXAMPLES}`,
    );
    if (both.length === 0) continue;
    const temporal = isTemporal(columns[name]?.type ?? 'string') ? 'days or times' : 'values';
    throw DataErrors.SplitLeak(
      `split.apart: ${name}: got ${temporal} on both sides of the split: ${both.map(({ value }) => value).join(', ')}; expected each on one`,
    );
  }
}
