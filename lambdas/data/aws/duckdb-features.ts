import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckSql } from '../apply-features.ts';
import type { ColumnType, DatasetSpec } from '../dataset-spec.ts';
import { counting, ExpressionRefused, expressionOf, type ParsedSelect, type SqlNode } from '../feature-expression.ts';
import { type Feature, type FeatureSpec, featureNames, secondsOf } from '../feature-spec.ts';
import { type CompiledFeature, HISTORY, KNOWN } from '../feature-sql.ts';
import { storedType } from '../row-rules.ts';
import { sqlName, sqlText } from '../sql-text.ts';
import { type DuckdbSession, openDuckdb } from './duckdb-session.ts';

export interface Compiled {
  features: CompiledFeature[];
  /** What is wrong, each as `features.<name>.sql: got …, rule`. */
  problems: string[];
}

/**
 * Reads the SQL of a spec's features. DuckDB parses; what it parsed is checked, and written anew by it, so that nothing
 * of the text itself ever runs.
 */
export async function compileFeatures(
  duckdb: DuckdbSession,
  { spec, columns }: { spec: FeatureSpec; columns: DatasetSpec['columns'] },
): Promise<Compiled> {
  const compiled: Compiled = { features: [], problems: [] };
  const empty = Object.entries(columns).map(([name, { type }]) => `NULL::${storedType(type)} AS ${sqlName(name)}`);
  await duckdb.run(`CREATE OR REPLACE TEMP VIEW _empty AS SELECT ${empty.join(', ')} WHERE false`);
  for (const [f, name] of featureNames(spec).entries()) {
    const feature = spec.features[name] as Feature;
    try {
      const made = await compileFeature(duckdb, { f, name, feature, columns: Object.keys(columns) });
      const told = made.columns.find((each) => columns[each]?.role === 'target');
      if (told !== undefined && secondsOf(spec.availableAfter ?? '0s') === 0)
        throw new ExpressionRefused(
          `which tells a row its own ${told}, a target: say availableAfter, when it is known`,
        );
      compiled.features.push(made);
    } catch (error) {
      if (!(error instanceof ExpressionRefused)) throw error;
      compiled.problems.push(`features.${name}.sql: got ${shownSql(feature.sql)}, ${error.message}`);
    }
  }
  return compiled;
}

export const shownSql = (sql: string): string => JSON.stringify(sql.length > 80 ? `${sql.slice(0, 77)}...` : sql);

async function compileFeature(
  duckdb: DuckdbSession,
  { f, name, feature, columns }: { f: number; name: string; feature: Feature; columns: readonly string[] },
): Promise<CompiledFeature> {
  const { sql, type, window } = feature;
  const slot = (n: number) => `_f${f}_${n}`;
  const { whole, outer, aggregates, columns: read } = expressionOf(await parsedSelect(duckdb, sql), columns, slot);
  if (aggregates.length > 0 && window === undefined)
    throw new ExpressionRefused('which is of many rows: expected a window beside it, such as 7d');
  await checkType(duckdb, await written(duckdb, whole), type);
  const slots: CompiledFeature['aggregates'] = [];
  for (const [n, each] of aggregates.entries())
    slots.push({ slot: slot(n), sql: await written(duckdb, counting(each, HISTORY, KNOWN)) });
  const windowSeconds = window === undefined ? undefined : secondsOf(window);
  return { name, type, windowSeconds, aggregates: slots, outer: await written(duckdb, outer), columns: read };
}

async function parsedSelect(duckdb: DuckdbSession, sql: string): Promise<ParsedSelect> {
  // A text that ends in a comment ends there; the expression is never joined with other text.
  const [{ tree } = { tree: '' }] = await duckdb.rows<{ tree: string }>(
    `SELECT json_serialize_sql(${sqlText(`SELECT ${sql}`)})::VARCHAR AS tree`,
  );
  return JSON.parse(tree, (member, value) => (member === 'query_location' ? undefined : value)) as ParsedSelect;
}

/** A node as SQL, as DuckDB writes it: with all parentheses, and without comments. */
async function written(duckdb: DuckdbSession, expression: SqlNode): Promise<string> {
  const node = {
    type: 'SELECT_NODE',
    modifiers: [],
    cte_map: { map: [] },
    select_list: [expression],
    from_table: { type: 'EMPTY', alias: '', sample: null },
    where_clause: null,
    group_expressions: [],
    group_sets: [],
    aggregate_handling: 'STANDARD_HANDLING',
    having: null,
    sample: null,
    qualify: null,
  };
  const tree = JSON.stringify({ error: false, statements: [{ node, named_param_map: [] }] });
  const [{ sql } = { sql: '' }] = await duckdb.rows<{ sql: string }>(
    `SELECT json_deserialize_sql(${sqlText(tree)}::JSON) AS sql`,
  );
  return sql.replace(/^SELECT /, '');
}

const WHOLE = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
const NUMBER = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DOUBLE|FLOAT|DECIMAL\(\d+,\d+\))$/;
/** What DuckDB may call the values of each type. */
const GIVEN: Record<ColumnType, RegExp> = {
  string: /^VARCHAR$/,
  double: NUMBER,
  integer: WHOLE,
  boolean: /^BOOLEAN$/,
  date: /^DATE$/,
  timestamp: /^TIMESTAMP$/,
};

async function checkType(duckdb: DuckdbSession, sql: string, type: ColumnType): Promise<void> {
  let given: string | undefined;
  try {
    [{ column_type: given } = { column_type: undefined }] = await duckdb.rows<{ column_type?: string }>(
      `DESCRIBE SELECT ${sql} AS value FROM _empty`,
    );
  } catch (cause) {
    // The parser took it, so it is a column or a function that is used for what it is not.
    const [reason = ''] = (cause as Error).message.replace(/^\w+ Error: /, '').split('\n');
    throw new ExpressionRefused(reason.slice(0, 200), { cause });
  }
  if (!given || !GIVEN[type].test(given))
    throw new ExpressionRefused(`which gives ${given}, expected something that is ${type}`);
}

/** The check of a spec before it is stored; each has a database and a folder of its own. */
export const duckdbCheckSql: CheckSql = (request) =>
  inDuckdb(async (duckdb) => ({ problems: (await compileFeatures(duckdb, request)).problems }));

/** A database that can reach one folder, for one piece of work; neither is left. */
export async function inDuckdb<T>(work: (duckdb: DuckdbSession, folder: string) => Promise<T>): Promise<T> {
  for await (const result of inDuckdbPages(async function* (duckdb, folder) {
    yield await work(duckdb, folder);
  }))
    return result;
  throw new Error('there is always one result');
}

/** The same for work that gives its result in parts. */
export async function* inDuckdbPages<T>(
  work: (duckdb: DuckdbSession, folder: string) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const folder = await mkdtemp(join(tmpdir(), `millrace-features-${process.pid}-`));
  try {
    const duckdb = await openDuckdb(folder);
    try {
      yield* work(duckdb, folder);
    } finally {
      duckdb.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
