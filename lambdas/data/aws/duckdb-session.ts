import { DuckDBInstance } from '@duckdb/node-api';
import { sqlText } from '../sql-text.ts';

/** Some rows of one column of a query. */
export interface Vector {
  items: Float64Array | BigUint64Array;
  valid?: Uint8Array;
}

/** One DuckDB in memory that can reach nothing but one folder. */
export interface DuckdbSession {
  run(sql: string): Promise<void>;
  rows<Row>(sql: string): Promise<Row[]>;
  /**
   * Streams a query whose columns are DOUBLE or UBIGINT. A vector is memory of DuckDB that the next rows overwrite;
   * `valid` has a bit for each row, lowest first, and is absent where every row has a value.
   */
  vectors(sql: string, visit: (rows: number, vectors: readonly Vector[]) => void): Promise<void>;
  close(): void;
}

/** Resident memory is this and up to 190 MB (npm run bench -- data); what does not fit goes to the folder. */
const MEMORY_LIMIT = '256MB';

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
  // A third of a row group, all places together. What comes to half a row group of one place is written at once, before
  // the few rows that wait there from earlier: below that, rows stay in order. Little is held, and it is no slower (measured).
  await connection.run('SET partitioned_write_flush_threshold = 40960');
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
    async vectors(sql, visit) {
      const result = await connection.stream(sql);
      const { columnCount } = result;
      for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk()) {
        const vectors: Vector[] = [];
        for (let i = 0; i < columnCount; i++) {
          // Private there, and ten times as fast as its values one by one.
          const { items, validity } = chunk.getColumnVector(i) as unknown as Private;
          const bits = validity.data;
          vectors.push({
            items,
            ...(bits && { valid: new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength) }),
          });
        }
        visit(chunk.rowCount, vectors);
      }
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

interface Private {
  items: Vector['items'];
  validity: { data: BigUint64Array | null };
}
