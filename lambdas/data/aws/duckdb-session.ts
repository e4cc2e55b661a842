import { DuckDBInstance } from '@duckdb/node-api';
import { sqlText } from '../sql-text.ts';

/** One DuckDB in memory that can reach nothing but one folder. */
export interface DuckdbSession {
  run(sql: string): Promise<void>;
  rows<Row>(sql: string): Promise<Row[]>;
  /** The values of a query of one DOUBLE column without NULL. */
  numbers(sql: string): Promise<Float64Array>;
  close(): void;
}

/** Resident memory is this and about 150 MB (measured, docs/decisions); what does not fit goes to the folder. */
const MEMORY_LIMIT = '512MB';

/** One thread, because only then a file's rows keep their order and a Parquet file is the same bytes each time. */
export async function openDuckdb(folder: string): Promise<DuckdbSession> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: MEMORY_LIMIT,
    temp_directory: `${folder}/spill`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  // A row group's rows of all places together: least is held in memory, and it is no slower (measured).
  await connection.run('SET partitioned_write_flush_threshold = 122880');
  await connection.run(`SET allowed_directories = [${sqlText(`${folder}/`)}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
  return {
    async run(sql) {
      await connection.run(sql);
    },
    async rows<Row>(sql: string) {
      return (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
    },
    async numbers(sql) {
      const result = await connection.stream(sql);
      const chunks: Float64Array[] = [];
      for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk()) {
        // Private there, and ten times as fast as its values one by one; its memory is reused for the next chunk.
        const { items } = chunk.getColumnVector(0) as unknown as { items: Float64Array };
        chunks.push(items.slice(0, chunk.rowCount));
      }
      return joined(chunks);
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function joined(chunks: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
