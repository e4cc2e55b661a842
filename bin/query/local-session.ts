import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type ColumnType, sqlName, sqlText, storedType } from '../../lambdas/data/contract.ts';
import { PlatformError, SharedErrors } from '../../lambdas/shared/errors.ts';
import { plainValue } from './plain-value.ts';

/** What a query gives; rows as plain JSON values in the order of the columns. */
export interface QueryResult {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  /** Whether the query has more rows than were asked for. */
  truncated: boolean;
}

export interface Table {
  name: string;
  /** Parquet files with these columns. */
  files: readonly string[];
  columns: Readonly<Record<string, ColumnType>>;
}

/** One DuckDB in this process, which can reach the files of its tables and nothing else. */
export interface LocalSession {
  /** The tables that a query names. @throws QueryInvalid when it is none, or more than one */
  tablesOf(sql: string): Promise<readonly string[]>;
  open(tables: readonly Table[]): Promise<void>;
  query(sql: string, limit: number, signal?: AbortSignal): Promise<QueryResult>;
  close(): void;
}

/** @param spill an empty folder for what does not fit into memory */
export async function localSession(spill: string): Promise<LocalSession> {
  // 60 MB of native code, which no other verb waits for.
  const { DuckDBInstance, StatementType } = await import('@duckdb/node-api');
  const instance: DuckDBInstance = await DuckDBInstance.create(':memory:', {
    temp_directory: spill,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection: DuckDBConnection = await instance.connect();

  async function statementOf(sql: string) {
    const statements = await refused(() => connection.extractStatements(sql));
    if (statements.count !== 1) {
      throw SharedErrors.InvalidInput(`sql: got ${statements.count} statements, expected one SELECT`);
    }
    return statements;
  }

  return {
    async tablesOf(sql) {
      await statementOf(sql);
      return connection.getTableNames(sql, true);
    },
    async open(tables) {
      const files = tables.flatMap((table) => table.files);
      await connection.run(`SET allowed_paths = [${files.map(sqlText).join(', ')}]`);
      await connection.run('SET enable_external_access = false');
      await connection.run('SET lock_configuration = true');
      for (const table of tables) await connection.run(`CREATE VIEW ${sqlName(table.name)} AS ${rowsOf(table)}`);
    },
    async query(sql, limit, signal) {
      const prepared = await refused(async () => (await statementOf(sql)).prepare(0));
      // Anything else could write into the cache, which the next query would believe.
      if (prepared.statementType !== StatementType.SELECT) {
        throw SharedErrors.InvalidInput(`sql: got ${StatementType[prepared.statementType]}, expected one SELECT`);
      }
      const stop = () => connection.interrupt();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        return await refused(async () => {
          const reader = await prepared.streamAndReadUntil(limit + 1);
          const types = reader.columnTypes();
          const names = reader.deduplicatedColumnNames();
          const rows = reader.getRowsJson().slice(0, limit);
          return {
            columns: names.map((name, i) => ({ name, type: String(types[i]) })),
            rows: rows.map((row) => row.map((value, i) => plainValue(value, String(types[i])))),
            truncated: reader.currentRowCount > limit,
          };
        });
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function rowsOf({ files, columns }: Table): string {
  if (files.length > 0)
    return `SELECT * FROM read_parquet([${files.map(sqlText).join(', ')}], hive_partitioning = false)`;
  const none = Object.entries(columns).map(([name, type]) => `NULL::${storedType(type)} AS ${sqlName(name)}`);
  return `SELECT ${none.join(', ')} WHERE false`;
}

/** What DuckDB says of a query is about the query. */
async function refused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof PlatformError) throw cause;
    const text = String((cause as { message?: unknown }).message ?? cause).trim();
    if (/^INTERRUPT/i.test(text)) throw SharedErrors.ServiceUnavailable('the query was interrupted', { cause });
    // All that the bindings say of a text without a statement in it.
    if (text === 'Error in native callback')
      throw SharedErrors.InvalidInput('sql: got no statement, expected one SELECT', { cause });
    throw SharedErrors.InvalidInput(`sql: ${text.replace(/^Failed to \w+ statements: /, '')}`, { cause });
  }
}
