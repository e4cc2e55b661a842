import { columnNames, curatedColumns, type DatasetSpec, identityOf } from '../dataset-spec.ts';
import { keptValue } from '../kept-value.ts';
import { SHOWN } from '../ports.ts';
import type { RowRule } from '../row-rules.ts';
import { sqlFiles, sqlName, sqlText } from '../sql-text.ts';
import { rowOfPlace } from './duckdb-breaches.ts';
import type { Part } from './duckdb-pass.ts';
import type { DuckdbSession } from './duckdb-session.ts';
import type { Source } from './duckdb-source.ts';

/** Rows that do not stay: those that have the values of some row of `table` in `columns`. */
export interface Exclusion {
  table: string;
  columns: string[];
}

/** What is known of the rows that passed, beside each other and beside the dataset's. */
export interface Disputes {
  exclusions: Exclusion[];
  /** Whether some rows are there more than once, value for value. */
  repeats: boolean;
  /** By place, those whose rows are in the order of their identity, each once. */
  ordered: ReadonlySet<string>;
  /** The table with the identities whose rows in the dataset give way, where there are any. */
  replaced?: string;
}

interface Rows {
  parts: readonly Part[];
  /** Local files of the dataset as it is. */
  parent: readonly string[];
  spec: DatasetSpec;
  /** Called before rows are numbered: which of them are broken by themselves must be known by then. Absent where rows have no numbers. */
  exact?: (() => Promise<Source>) | undefined;
}

/**
 * Finds rows that contradict each other or the dataset, and those that are there already. In the usual case, where
 * there are none, this reads nothing but the columns that name a row.
 */
export async function settleIdentity(duckdb: DuckdbSession, rows: Rows): Promise<Disputes> {
  const { parts, spec } = rows;
  const identity = identityOf(curatedColumns(spec.columns));
  if (identity.length === 0 || parts.length === 0) return { exclusions: [], repeats: false, ordered: new Set() };
  const ordered = new Set<string>();
  for (const part of parts) if (await isOrdered(duckdb, part, identity)) ordered.add(part.place);
  await duckdb.run(`CREATE VIEW passed AS FROM read_parquet(${sqlFiles(parts.flatMap(({ files }) => files))})`);
  const exclusions: Exclusion[] = [];
  const apart =
    parts.length === 1 || [spec.split.by, spec.partition?.by ?? spec.split.by].every((name) => identity.includes(name));
  const unique =
    parts.every(({ place }) => ordered.has(place)) && (apart || (await followEachOther(duckdb, parts, identity)));
  const repeats = !unique && (await findRepeats(duckdb, rows, identity, exclusions));
  const replaced = rows.parent.length > 0 && (await findKnown(duckdb, rows, identity, exclusions));
  return { exclusions, repeats, ordered, ...(replaced && { replaced: 'replaced' }) };
}

/** Whether each row's identity is above that of the row before, through all files of a place. */
async function isOrdered(duckdb: DuckdbSession, { files }: Part, identity: string[]): Promise<boolean> {
  const key = keyOf(identity);
  const [{ falls } = { falls: 1 }] = await duckdb.rows<{ falls: number }>(
    `SELECT count(*)::DOUBLE AS falls FROM (SELECT ${key} > lag(${key}) OVER () AS rises FROM read_parquet(${sqlFiles(files)})) WHERE NOT rises`,
  );
  return falls === 0;
}

/** Places that are compared in one statement. */
const MOST_COMPARED = 100;

/**
 * Whether the identities of each place are all above those of another, as numbers that are given one after the other are
 * where time splits: then none is in two places, and they need not be grouped, which costs five times as much.
 */
async function followEachOther(duckdb: DuckdbSession, parts: readonly Part[], identity: string[]): Promise<boolean> {
  if (parts.length > MOST_COMPARED) return false;
  const key = keyOf(identity);
  const reaches = parts.map(
    ({ files }) => `SELECT min(${key}) AS low, max(${key}) AS high FROM read_parquet(${sqlFiles(files)})`,
  );
  const [found] = await duckdb.rows<{ apart: boolean }>(
    `SELECT bool_and(low > before) AS apart FROM (SELECT low, lag(high) OVER (ORDER BY low) AS before FROM (${reaches.join(' UNION ALL ')}))`,
  );
  return found?.apart === true;
}

const keyOf = (identity: readonly string[]) =>
  identity.length === 1 ? sqlName(identity[0] as string) : `row(${list(identity)})`;

const list = (names: readonly string[]) => names.map(sqlName).join(', ');
const countOf = async (duckdb: DuckdbSession, table: string) =>
  (await duckdb.rows<{ n: number }>(`SELECT count(*)::DOUBLE AS n FROM ${table}`))[0]?.n ?? 0;

/** Rows of one identity: with the same values one is kept, with other values none, since none is the right one. */
async function findRepeats(
  duckdb: DuckdbSession,
  rows: Rows,
  identity: string[],
  exclusions: Exclusion[],
): Promise<boolean> {
  const ids = list(identity);
  await duckdb.run(`CREATE TABLE met_twice AS SELECT ${ids} FROM passed GROUP BY ${ids} HAVING count(*) > 1`);
  if ((await countOf(duckdb, 'met_twice')) === 0) return false;
  await duckdb.run(`CREATE TABLE contradicted AS SELECT ${ids} FROM
    (SELECT DISTINCT * FROM passed SEMI JOIN met_twice USING (${ids})) GROUP BY ${ids} HAVING count(*) > 1`);
  if ((await countOf(duckdb, 'contradicted')) > 0) {
    await blame(duckdb, rows, identity, 'unique', 'contradicted', { exclusions });
    exclusions.push({ table: 'contradicted', columns: identity });
  }
  return true;
}

/** Rows whose identity the dataset has. With the same values they are nothing new; with others they contradict it, or take its row's place. */
async function findKnown(
  duckdb: DuckdbSession,
  rows: Rows,
  identity: string[],
  exclusions: Exclusion[],
): Promise<boolean> {
  const { spec, parent } = rows;
  const ids = list(identity);
  await duckdb.run(`CREATE VIEW parent AS FROM read_parquet(${sqlFiles(parent)})`);
  await duckdb.run(`CREATE TABLE shared AS SELECT DISTINCT ${ids} FROM parent SEMI JOIN passed USING (${ids})`);
  if ((await countOf(duckdb, 'shared')) === 0) return false;
  const others = columnNames(curatedColumns(spec.columns)).filter((name) => !identity.includes(name));
  const equal =
    others.map((name) => `a.${sqlName(name)} IS NOT DISTINCT FROM b.${sqlName(name)}`).join(' AND ') || 'true';
  const without = exclusions.map(({ table, columns }) => `ANTI JOIN ${table} USING (${list(columns)})`).join(' ');
  await duckdb.run(`CREATE TABLE known AS SELECT ${identity.map((name) => `a.${sqlName(name)}`).join(', ')}, bool_and(${equal}) AS _equal
    FROM (FROM passed SEMI JOIN shared USING (${ids}) ${without}) a
    JOIN (FROM parent SEMI JOIN shared USING (${ids})) b USING (${ids}) GROUP BY ${identity.map((name) => `a.${sqlName(name)}`).join(', ')}`);
  await duckdb.run(`CREATE TABLE there AS SELECT ${ids} FROM known WHERE _equal`);
  if ((await countOf(duckdb, 'there')) > 0) exclusions.push({ table: 'there', columns: identity });
  await duckdb.run(`CREATE TABLE replaced AS SELECT ${ids} FROM known WHERE NOT _equal`);
  if ((await countOf(duckdb, 'replaced')) === 0) return false;
  if (spec.conflict === 'replace') return true;
  await blame(duckdb, rows, identity, 'conflict', 'replaced', { exclusions });
  exclusions.push({ table: 'replaced', columns: identity });
  return false;
}

/** Makes a breach of every row of the file that has the values of some row of `table`, is not broken by itself, and stayed so far. */
export async function blame(
  duckdb: DuckdbSession,
  { parts, spec, exact }: Pick<Rows, 'parts' | 'spec' | 'exact'>,
  columns: readonly string[],
  rule: RowRule,
  table: string,
  { exclusions }: Pick<Disputes, 'exclusions'>,
  { name = columns.join(' + '), level = 'quarantine' }: { name?: string; level?: string } = {},
): Promise<void> {
  const same = columns.map((each) => `n.${sqlName(each)} IS NOT DISTINCT FROM t.${sqlName(each)}`).join(' AND ');
  const shown = `left(concat_ws(', ', ${columns.map((each) => `n.${sqlName(each)}::VARCHAR`).join(', ')}), ${SHOWN})`;
  const breach = (
    row: string,
    rows: string,
  ) => `INSERT INTO breaches SELECT ${row}, ${sqlText(name)}, ${shown}, '${rule}', '${level}'
    FROM ${rows} n SEMI JOIN ${table} t ON ${same}`;
  if (!exact) {
    const rows = withoutRows(`read_parquet(${sqlFiles(parts.flatMap(({ files }) => files))})`, exclusions);
    return duckdb.run(breach('NULL', rows));
  }
  const source = await exact();
  const kept = columns.map((each) => `${keptValue(each, spec.columns)} AS ${sqlName(each)}`).join(', ');
  const numbered = rowOfPlace(source, `(SELECT row_number() OVER () AS _row, ${kept} FROM ${source.relation})`);
  return duckdb.run(
    `${breach('n._row', numbered)} WHERE n._row NOT IN (SELECT _row FROM breaches WHERE level <> 'warn')`,
  );
}

/** Rows without those excluded; a field that is empty equals an empty one. */
export const withoutRows = (rows: string, exclusions: readonly Exclusion[]): string =>
  exclusions.reduce(
    (kept, { table, columns }) =>
      `(FROM ${kept} AS k ANTI JOIN ${table} AS x ON ${columns.map((name) => `k.${sqlName(name)} IS NOT DISTINCT FROM x.${sqlName(name)}`).join(' AND ')})`,
    rows,
  );
