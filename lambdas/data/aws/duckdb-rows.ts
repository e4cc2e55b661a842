import { columnNames, type DatasetSpec, identityOf } from '../dataset-spec.ts';
import { type Breach, type BreachCount, MAX_SAMPLE } from '../ports.ts';
import { brokenRule, sqlName, sqlText, typedValue } from '../row-rules.ts';
import type { DuckdbSession } from './duckdb-session.ts';
import { SHOWN } from './duckdb-staging.ts';

/**
 * Sorts the records of `staged` into the tables `fresh` (typed rows that `parent` does not have) and `breaches`.
 * Rows that `parent` or the file itself has already, value for value, end in neither.
 */
export async function sortRows(duckdb: DuckdbSession, { columns }: Pick<DatasetSpec, 'columns'>): Promise<void> {
  const names = columnNames(columns);
  const entries = names.map((name) => [name, columns[name] as DatasetSpec['columns'][string]] as const);
  for (const [name, column] of entries) {
    await duckdb.run(`INSERT INTO breaches SELECT _row, ${sqlText(name)}, left(value, ${SHOWN}), rule FROM
      (SELECT _row, ${sqlName(name)} AS value, ${brokenRule(name, column)} AS rule FROM staged) WHERE rule IS NOT NULL`);
  }
  const typed = entries.map(([name, column]) => `${typedValue(name, column)} AS ${sqlName(name)}`).join(', ');
  await duckdb.run(`CREATE TABLE typed AS SELECT _row, ${typed} FROM staged ANTI JOIN breaches USING (_row)`);
  const identity = identityOf(columns);
  if (identity.length === 0) return duckdb.run('CREATE VIEW fresh AS FROM typed');
  await keepOneOfEach(duckdb, names, identity);
  await keepNew(duckdb, names, identity);
}

/** One row for each identity: repeated rows once, rows that contradict each other not at all. */
async function keepOneOfEach(duckdb: DuckdbSession, names: string[], identity: string[]): Promise<void> {
  const ids = identity.map(sqlName).join(', ');
  await duckdb.run(`CREATE TABLE met_twice AS SELECT ${ids} FROM typed GROUP BY ${ids} HAVING count(*) > 1`);
  await duckdb.run(`CREATE TABLE contradicted AS SELECT ${ids} FROM
    (SELECT DISTINCT ${names.map(sqlName).join(', ')} FROM typed SEMI JOIN met_twice USING (${ids}))
    GROUP BY ${ids} HAVING count(*) > 1`);
  await blame(duckdb, identity, 'unique', `typed SEMI JOIN contradicted USING (${ids})`);
  await duckdb.run(`CREATE TABLE spare AS SELECT _row FROM
    (SELECT _row, row_number() OVER (PARTITION BY ${ids} ORDER BY _row) AS nth FROM typed SEMI JOIN met_twice USING (${ids}))
    WHERE nth > 1`);
  await duckdb.run(`CREATE VIEW single AS
    SELECT * FROM typed ANTI JOIN contradicted USING (${ids}) ANTI JOIN spare USING (_row)`);
}

/** Rows whose identity `parent` does not have; of the others, those with other values contradict it. */
async function keepNew(duckdb: DuckdbSession, names: string[], identity: string[]): Promise<void> {
  const others = names.filter((name) => !identity.includes(name)).map(sqlName);
  const equal = others.map((name) => `single.${name} IS NOT DISTINCT FROM parent.${name}`).join(' AND ') || 'true';
  const same = identity.map(sqlName).map((name) => `single.${name} = parent.${name}`);
  await duckdb.run(
    `CREATE TABLE known AS SELECT single.*, ${equal} AS _equal FROM single JOIN parent ON ${same.join(' AND ')}`,
  );
  await blame(duckdb, identity, 'conflict', 'known WHERE NOT _equal');
  await duckdb.run('CREATE VIEW fresh AS SELECT * FROM single ANTI JOIN known USING (_row)');
}

const blame = (duckdb: DuckdbSession, identity: string[], rule: 'unique' | 'conflict', rows: string) =>
  duckdb.run(`INSERT INTO breaches SELECT _row, ${sqlText(identity.join(' + '))},
    left(concat_ws(', ', ${identity.map((name) => `${sqlName(name)}::VARCHAR`).join(', ')}), ${SHOWN}), '${rule}' FROM ${rows}`);

export interface Breaches {
  broken: number;
  counts: BreachCount[];
  sample: Breach[];
}

export async function readBreaches(duckdb: DuckdbSession): Promise<Breaches> {
  const [{ broken } = { broken: 0 }] = await duckdb.rows<{ broken: number }>(
    'SELECT count(DISTINCT _row)::INTEGER AS broken FROM breaches',
  );
  const counts = await duckdb.rows<BreachCount>(
    `SELECT name AS "column", rule, count(*)::INTEGER AS rows FROM breaches GROUP BY ALL ORDER BY rows DESC, name, rule`,
  );
  const sample = await duckdb.rows<Breach>(
    `SELECT _row::INTEGER AS row, name AS "column", value, rule FROM breaches ORDER BY _row, name LIMIT ${MAX_SAMPLE}`,
  );
  return { broken, counts, sample };
}
