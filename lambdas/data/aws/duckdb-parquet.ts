import { join } from 'node:path';
import { digestOfFile } from '../../shared/aws/hashed-file.ts';
import type { ObjectStore } from '../../shared/objects.ts';
import { columnNames, curatedColumns, type DatasetSpec, identityOf } from '../dataset-spec.ts';
import { curatedKey, filePath, type Manifest, type ManifestFile } from '../manifest.ts';
import { placeOf } from '../row-place.ts';
import { sqlFiles, sqlName, sqlText } from '../sql-text.ts';
import { type Disputes, withoutRows } from './duckdb-identity.ts';
import { PARQUET, type Part, rowsOf } from './duckdb-pass.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/** A file that a version will have, where it lies now. */
export interface LocalFile extends ManifestFile {
  local: string;
}

/**
 * Up to so many rows of one place are put in order, so that the same rows in another order are the same version. To sort
 * more costs more than all the rest (docs/decisions): they stay in an order that the same file always gives.
 */
const SORTED_ROWS = 262_144;

/**
 * The rows of each place that stay: in the order of their identity, and without one in that of all
 * their columns, where they are not too many. Files that are in order already, and of which everything stays, are left as they were written.
 */
export async function orderedFiles(
  duckdb: DuckdbSession,
  { parts, disputes, spec, folder }: { parts: readonly Part[]; disputes: Disputes; spec: DatasetSpec; folder: string },
): Promise<LocalFile[]> {
  const { exclusions, repeats, ordered } = disputes;
  const columns = curatedColumns(spec.columns);
  const names = columnNames(columns);
  const identity = identityOf(columns);
  const order = (identity.length > 0 ? identity : names).map(sqlName).join(', ');
  const made: LocalFile[] = [];
  for (const part of parts) {
    const sorts = part.rows <= SORTED_ROWS && !ordered.has(part.place);
    const stays = exclusions.length === 0 && !repeats && !sorts;
    const rewritten = join(folder, `${part.place}.parquet`);
    if (!stays) {
      const rows = withoutRows(`read_parquet(${sqlFiles(part.files)})`, exclusions);
      const distinct = repeats ? 'DISTINCT ' : '';
      await duckdb.run(
        `COPY (SELECT ${distinct}${names.map(sqlName).join(', ')} FROM ${rows}${sorts ? ` ORDER BY ${order}` : ''}) TO ${sqlText(rewritten)} (${PARQUET})`,
      );
    }
    const rows = stays && part.files.length === 1 ? part.rows : undefined;
    for (const local of stays ? part.files : [rewritten]) {
      const file = await localFile(duckdb, { local, rows }, part.place, spec);
      if (file.rows > 0) made.push(file);
    }
  }
  return made;
}

/** The dataset's files that have rows which give way, without those rows. */
export async function withoutReplaced(
  duckdb: DuckdbSession,
  {
    replaced,
    parent,
    local,
    spec,
    folder,
  }: { replaced: string; parent: Manifest; local: readonly string[]; spec: DatasetSpec; folder: string },
): Promise<{ files: LocalFile[]; superseded: string[]; rows: number }> {
  const columns = curatedColumns(spec.columns);
  const names = columnNames(columns).map(sqlName).join(', ');
  const identity = identityOf(columns);
  const exclusion = [{ table: replaced, columns: identity }];
  const files: LocalFile[] = [];
  const superseded: string[] = [];
  let rows = 0;
  for (const [i, file] of parent.files.entries()) {
    const before = `read_parquet(${sqlFiles([local[i] as string])})`;
    const output = join(folder, `without-${i}.parquet`);
    await duckdb.run(
      `COPY (SELECT ${names} FROM ${withoutRows(before, exclusion)} ORDER BY ${identity.map(sqlName).join(', ')}) TO ${sqlText(output)} (${PARQUET})`,
    );
    const place = [file.split, file.partition].filter((part) => part !== undefined).join('.');
    const left = await localFile(duckdb, { local: output }, place, spec);
    if (left.rows === file.rows) continue;
    rows += file.rows - left.rows;
    superseded.push(file.path);
    if (left.rows > 0) files.push(left);
  }
  return { files, superseded, rows };
}

async function localFile(
  duckdb: DuckdbSession,
  { local, rows: known }: { local: string; rows?: number | undefined },
  place: string,
  { partition }: DatasetSpec,
): Promise<LocalFile> {
  const { split, partition: unit } = placeOf(place);
  const { bytes, sha256 } = await digestOfFile(local);
  const path = filePath(split, sha256, partition && `${partition.every}=${unit}`);
  const rows = known ?? (await rowsOf(duckdb, [local]));
  return { path, split, ...(unit !== undefined && { partition: unit }), sha256, bytes, rows, local };
}

/** Puts files into the curated zone, under names that are their content. */
export async function uploadFiles(
  curated: ObjectStore,
  named: Pick<Manifest, 'workspace' | 'dataset'>,
  files: readonly LocalFile[],
): Promise<ManifestFile[]> {
  const uploaded: ManifestFile[] = [];
  for (const { local, ...file } of files) {
    await curated.upload(curatedKey(named, file), local, 'application/vnd.apache.parquet');
    uploaded.push(file);
  }
  return uploaded;
}
