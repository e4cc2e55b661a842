import { readFile, writeFile } from 'node:fs/promises';
import { digestOf, hexOf } from '../../shared/digest.ts';
import type { ObjectStore } from '../../shared/objects.ts';
import { columnNames, type DatasetSpec, identityOf } from '../dataset-spec.ts';
import { DataErrors } from '../errors.ts';
import { curatedKey, filePath, type Manifest, type ManifestFile, SPLITS } from '../manifest.ts';
import { sqlName, sqlText, storedType } from '../row-rules.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/**
 * The dataset as it is, as the view `parent`; an empty one before its first file.
 * @throws CuratedFileDamaged when a file is missing or is not what the manifest says
 */
export async function openParent(
  duckdb: DuckdbSession,
  {
    curated,
    folder,
    spec: { columns },
    parent,
  }: { curated: ObjectStore; folder: string; spec: DatasetSpec; parent?: Manifest },
): Promise<void> {
  const files: string[] = [];
  for (const file of parent?.files ?? []) {
    const key = curatedKey(parent as Manifest, file);
    const bytes = await curated.get(key);
    const got = bytes && digestOf(bytes);
    if (!bytes || got !== file.sha256) {
      throw DataErrors.CuratedFileDamaged(`${key}: got ${got ?? 'nothing'}, the manifest says ${file.sha256}`);
    }
    files.push(`${folder}/parent-${hexOf(file.sha256)}.parquet`);
    await writeFile(files.at(-1) as string, bytes);
  }
  const names = columnNames(columns);
  const empty = names.map((name) => `NULL::${storedType(columns[name]?.type ?? 'string')} AS ${sqlName(name)}`);
  await duckdb.run(
    files.length > 0
      ? `CREATE VIEW parent AS SELECT ${names.map(sqlName).join(', ')} FROM read_parquet([${files.map(sqlText).join(', ')}])`
      : `CREATE VIEW parent AS SELECT ${empty.join(', ')} WHERE false`,
  );
}

/**
 * Writes the rows of `fresh` as one Parquet file a split into the curated zone, in the order of their identity and then
 * of every other column, under the name of their content. Files that the dataset has already are left out.
 */
export async function writeFiles(
  duckdb: DuckdbSession,
  {
    curated,
    folder,
    workspace,
    spec,
    parent,
  }: { curated: ObjectStore; folder: string; workspace: string; spec: DatasetSpec; parent?: Manifest },
): Promise<ManifestFile[]> {
  const names = columnNames(spec.columns);
  const identity = identityOf(spec.columns);
  const order = [...identity, ...names.filter((name) => !identity.includes(name))].map(sqlName).join(', ');
  const known = new Set(parent?.files.map(({ path }) => path));
  const written: ManifestFile[] = [];
  for (const split of SPLITS) {
    const where = `WHERE ${sqlName(spec.split.by)} ${split === 'test' ? '>=' : '<'} DATE ${sqlText(spec.split.testFrom ?? '')}`;
    const [{ rows } = { rows: 0 }] = await duckdb.rows<{ rows: number }>(
      `SELECT count(*)::INTEGER AS rows FROM fresh ${where}`,
    );
    if (rows === 0) continue;
    const local = `${folder}/${split}.parquet`;
    // Snappy: every reader has it built in.
    await duckdb.run(`COPY (SELECT ${names.map(sqlName).join(', ')} FROM fresh ${where} ORDER BY ${order})
      TO ${sqlText(local)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 122880)`);
    const bytes = await readFile(local);
    const sha256 = digestOf(bytes);
    const file: ManifestFile = { path: filePath(split, sha256), split, sha256, bytes: bytes.length, rows };
    if (known.has(file.path)) continue;
    await curated.create(
      curatedKey({ workspace, dataset: spec.dataset }, file),
      bytes,
      'application/vnd.apache.parquet',
    );
    written.push(file);
  }
  return written;
}
