import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** A Parquet file with the rows of a query, as DuckDB writes it. */
export async function parquetOf(sql: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-parquet-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run(`COPY (${sql}) TO '${folder}/f.parquet' (FORMAT parquet)`);
    return await readFile(`${folder}/f.parquet`);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}
