import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckdb } from '../../lambdas/data/aws/duckdb-session.ts';
import type { Figure, Sides } from '../figure.ts';
import { cpuTime, localRefinery, READINGS, writeReadings } from './bench-files.ts';

const ROWS = 1_000_000;

type Statement = (csv: string, folder: string) => string;
const copy: Statement = (csv, folder) =>
  `COPY (SELECT * FROM read_csv('${csv}')) TO '${folder}/copy.parquet' (FORMAT parquet, COMPRESSION snappy)`;
/** Every column decoded and typed, nothing kept: no reader of CSV by DuckDB can be faster. */
const scan: Statement = (csv) => `SELECT count(COLUMNS(*)) FROM read_csv('${csv}')`;

/**
 * A CSV of 1,000,000 rows and 20 columns (190 MB: an id, a day, a text, a whole number, 16 doubles) with the checks of
 * `READINGS`, from a local file: fetched and hashed, checked, split by day, its identities held against each other,
 * written as Parquet, hashed, stored and profiled. The other side reads the same file with one thread of the same
 * DuckDB. Both in CPU time.
 */
export const ingestionFigures: readonly Figure[] = [
  { name: 'data/csv-to-parquet', unit: 'ms', peer: 'bare COPY of the CSV', repeats: 5, prepare: () => against(copy) },
  { name: 'data/csv-over-scan', unit: 'ms', peer: 'bare scan of the CSV', repeats: 5, prepare: () => against(scan) },
];

async function against(peer: Statement): Promise<Sides> {
  const folder = await mkdtemp(join(tmpdir(), `millrace-bench-${process.pid}-`));
  const csv = join(folder, 'readings.csv');
  writeReadings(csv, { rows: ROWS });
  const duckdb = await openDuckdb(folder);
  const refine = localRefinery(csv, join(folder, 'curated'));
  return {
    ours: () =>
      cpuTime(async () => {
        const { rows } = await refine(READINGS, 'readings.csv');
        if (rows.fresh !== ROWS) throw new Error(`took ${rows.fresh} rows of ${ROWS}`);
      }),
    theirs: () => cpuTime(() => duckdb.rows(peer(csv, folder))),
    close: async () => {
      duckdb.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
