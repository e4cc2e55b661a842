import { readFile } from 'node:fs/promises';
import { inDuckdb } from '../../lambdas/data/aws/duckdb-features.ts';
import { columnNames, type DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { curatedKey, filePath, type Manifest, type ManifestFile, type SplitName } from '../../lambdas/data/manifest.ts';
import { storedType } from '../../lambdas/data/row-rules.ts';
import { sqlName, sqlText } from '../../lambdas/data/sql-text.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import type { ObjectStore } from '../../lambdas/shared/objects.ts';

export type Cell = string | number | boolean | null;
export type Row = Record<string, Cell>;

const literal = (value: Cell) => (typeof value === 'string' ? sqlText(value) : String(value ?? 'NULL'));

/** Rows as a Parquet file of the curated zone, as an ingestion would leave it there. */
export async function aCuratedFile(
  curated: ObjectStore,
  { workspace, dataset, columns }: Pick<Manifest, 'workspace' | 'dataset' | 'columns'>,
  rows: readonly Row[],
  split: SplitName = 'train',
): Promise<ManifestFile> {
  const names = columnNames(columns);
  const bytes = await inDuckdb(async (duckdb, folder) => {
    const table = names.map((name) => `${sqlName(name)} ${storedType(columns[name]?.type ?? 'string')}`);
    await duckdb.run(`CREATE TABLE rows (${table.join(', ')})`);
    const values = rows.map((row) => `(${names.map((name) => literal(row[name] ?? null)).join(', ')})`);
    await duckdb.run(`INSERT INTO rows VALUES ${values.join(', ')}`);
    await duckdb.run(`COPY rows TO ${sqlText(`${folder}/rows.parquet`)} (FORMAT parquet)`);
    return readFile(`${folder}/rows.parquet`);
  });
  const sha256 = digestOf(bytes);
  const file = { path: filePath(split, sha256), split, sha256, bytes: bytes.length, rows: rows.length };
  await curated.create(curatedKey({ workspace, dataset }, file), bytes);
  return file;
}

/** Visits of shops: `at` is when, `amount` and `kind` may be empty; several rows may be of the same moment. */
export const VISITS: DatasetSpec = {
  schema: 'millrace/dataset/1',
  dataset: 'visits',
  owner: 'tests',
  columns: {
    id: { type: 'integer', role: 'key' },
    shop: { type: 'string', role: 'group' },
    till: { type: 'integer', role: 'group' },
    at: { type: 'timestamp', role: 'timestamp' },
    amount: { type: 'double', role: 'feature', nullable: true },
    kind: { type: 'string', role: 'feature', nullable: true },
    good: { type: 'boolean', role: 'target', nullable: true },
  },
  split: { by: 'at', testFrom: '2020-02-01' },
};

export const aManifest = (files: ManifestFile[], spec = VISITS, workspace = 'default'): Manifest => ({
  schema: 'millrace/manifest/1',
  workspace,
  dataset: spec.dataset,
  spec: digestOf('spec'),
  columns: spec.columns,
  split: spec.split,
  files: [...files].sort((a, b) => (a.path < b.path ? -1 : 1)),
  rows: files.reduce((sum, { rows }) => sum + rows, 0),
});
