import { writeFile } from 'node:fs/promises';
import { digestOf, hexOf } from '../../shared/digest.ts';
import type { ObjectStore } from '../../shared/objects.ts';
import { columnNames, type DatasetSpec } from '../dataset-spec.ts';
import { DataErrors } from '../errors.ts';
import { type FeatureSpec, secondsOf } from '../feature-spec.ts';
import { type CompiledFeature, type PointInTime, pointInTimeSql } from '../feature-sql.ts';
import { curatedKey, type Manifest, type ManifestFile } from '../manifest.ts';
import { storedType } from '../row-rules.ts';
import { sqlName, sqlText } from '../sql-text.ts';
import { compileFeatures, shownSql } from './duckdb-features.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/** A file of the curated zone, beside the manifest that says what it is. */
export interface CuratedFile {
  of: Manifest;
  file: ManifestFile;
}

/**
 * The rows of some files as a relation with the given columns.
 * @throws CuratedFileDamaged when a file is missing or is not what its manifest says
 */
export async function rowsOf(
  { curated, folder }: { curated: ObjectStore; folder: string },
  files: readonly CuratedFile[],
  columns: DatasetSpec['columns'],
): Promise<string> {
  const paths: string[] = [];
  for (const { of, file } of files) paths.push(await fetchFile({ curated, folder }, of, file));
  const names = columnNames(columns);
  if (paths.length > 0)
    return `(SELECT ${names.map(sqlName).join(', ')} FROM read_parquet([${paths.map(sqlText).join(', ')}]))`;
  const empty = names.map((name) => `NULL::${storedType(columns[name]?.type ?? 'string')} AS ${sqlName(name)}`);
  return `(SELECT ${empty.join(', ')} WHERE false)`;
}

async function fetchFile(
  { curated, folder }: { curated: ObjectStore; folder: string },
  of: Manifest,
  { path, sha256 }: ManifestFile,
): Promise<string> {
  const key = curatedKey(of, { path });
  const bytes = await curated.get(key);
  const got = bytes && digestOf(bytes);
  if (!bytes || got !== sha256)
    throw DataErrors.CuratedFileDamaged(`${key}: got ${got ?? 'nothing'}, the manifest says ${sha256}`);
  const local = `${folder}/rows-${hexOf(sha256)}.parquet`;
  await writeFile(local, bytes);
  return local;
}

/** Of a relation of the dataset's rows, those that have an entity and a time, and from when on each is known. */
export function historyOf(rows: string, { entity, timestamp, availableAfter = '0s' }: FeatureSpec): string {
  const there = [...entity, timestamp].map((name) => `${sqlName(name)} IS NOT NULL`).join(' AND ');
  const known = `${sqlName(timestamp)}::TIMESTAMP + to_seconds(${secondsOf(availableAfter)})`;
  return `(SELECT *, ${known} AS _known FROM ${rows} WHERE ${there})`;
}

/** Features of a spine's rows; `run` is given the query. @throws FeatureUncomputable naming the first that cannot be */
export async function computing<T>(
  duckdb: DuckdbSession,
  spec: FeatureSpec,
  asked: PointInTime,
  run: (sql: string) => Promise<T>,
): Promise<T> {
  try {
    return await run(pointInTimeSql(asked));
  } catch (cause) {
    if (!isOfValues(cause)) throw cause;
    for (const feature of asked.features) {
      const reason = await reasonOf(duckdb, { ...asked, features: [feature] });
      if (reason) throw uncomputable(spec, feature, reason, cause);
    }
    throw cause;
  }
}

/** What an expression cannot do with a value that it met, such as the logarithm of -1; not memory or disk. */
const isOfValues = (error: unknown) => /^(Invalid Input|Out of Range|Conversion) Error/.test((error as Error).message);

async function reasonOf(duckdb: DuckdbSession, asked: PointInTime): Promise<string | undefined> {
  try {
    await duckdb.rows(`SELECT max(hash(each)) FROM (${pointInTimeSql(asked)}) AS each`);
    return undefined;
  } catch (error) {
    return isOfValues(error) ? (error as Error).message.split('\n')[0]?.replace(/^[\w ]+ Error: /, '') : undefined;
  }
}

function uncomputable({ features }: FeatureSpec, { name }: CompiledFeature, reason: string, cause: unknown) {
  const sql = shownSql(features[name]?.sql ?? '');
  return DataErrors.FeatureUncomputable(
    `features.${name}.sql: got ${sql}, which a row's value does not fit: ${reason}`,
    {
      cause,
    },
  );
}

/** A spec's features, ready to be computed. @throws FeatureUncomputable when the dataset is no longer what they were made for */
export async function compiledFeatures(
  duckdb: DuckdbSession,
  spec: FeatureSpec,
  columns: DatasetSpec['columns'],
): Promise<CompiledFeature[]> {
  const { features, problems } = await compileFeatures(duckdb, { spec, columns });
  if (problems.length > 0) throw DataErrors.FeatureUncomputable(problems.join('; '));
  return features;
}
