import type { ObjectStore } from '../shared/objects.ts';
import { retrying } from '../shared/retry.ts';
import type { Table } from '../shared/table.ts';
import { DataErrors } from './errors.ts';
import { readManifest } from './manifest.ts';
import { linkFilesOf, type SqlTable, tablesOf } from './sql-tables.ts';
import { datasetVersion, latestDatasetVersion } from './versions.ts';

/** The SQL catalogue. */
export interface SqlCatalogue {
  /** Makes the database of a workspace, unless it is there. */
  ensureDatabase(database: string): Promise<void>;
  /**
   * Makes the table, or moves it forward: one that shows the same version or a later one stays as it is.
   * @throws TableContended when another writer changed it at the same moment
   */
  advance(table: SqlTable): Promise<'made' | 'moved' | 'stayed'>;
}

export interface PublishTablesDeps {
  table: Table;
  curated: ObjectStore;
  catalogue: SqlCatalogue;
  stage: string;
}

export interface RegisteredVersion {
  workspace: string;
  dataset: string;
  version: string;
}

/**
 * Shows a registered version to SQL: lists its files, and moves the dataset's tables to its newest version. Events come
 * twice, late, and in any order; the lists are a version's for ever, and the tables only go forward.
 */
export async function publishTables(
  { table, curated, catalogue, stage }: PublishTablesDeps,
  { workspace, dataset, version }: RegisteredVersion,
): Promise<void> {
  const own = await datasetVersion(table, workspace, dataset, version as `sha256:${string}`);
  const latest = await latestDatasetVersion(table, workspace, dataset);
  if (!own || !latest) {
    throw DataErrors.DatasetVersionMissing(`version: got ${version}, dataset ${dataset} has no such version`);
  }
  const { bucket } = curated;
  for (const fact of own.number === latest.number ? [own] : [own, latest]) {
    const lists = linkFilesOf(await readManifest(curated, fact), fact.number, bucket);
    for (const { key, content } of lists) await curated.create(key, content, 'text/plain');
  }
  const [newest, versions] = tablesOf({ manifest: await readManifest(curated, latest), fact: latest, bucket, stage });
  await catalogue.ensureDatabase(newest.database);
  for (const each of [newest, versions]) {
    await retrying(
      () => catalogue.advance(each),
      (error) => error instanceof Error && error.name === 'TableContended',
      { attempts: 5, baseMs: 200 },
    );
  }
}
