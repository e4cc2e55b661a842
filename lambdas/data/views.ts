import { type ObjectStore, parseJson } from '../shared/objects.ts';
import type { Table } from '../shared/table.ts';
import type { DatasetView } from './contract.ts';
import { requireDataset, specOf } from './dataset-head.ts';
import { DataErrors } from './errors.ts';
import { type IngestionView, ingestionFact } from './ingestion.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { type DatasetVersionView, viewOf } from './name-version.ts';
import type { Profile } from './profile.ts';
import type { QualityReport } from './quality.ts';
import { requireVersion } from './resolve-version.ts';
import { versionStates } from './version-state.ts';
import { type DatasetVersionFact, datasetVersion, listDatasetVersions } from './versions.ts';

interface Named {
  workspace: string;
  dataset: string;
}

/** @throws DatasetMissing */
export async function showDataset(table: Table, { workspace, dataset }: Named): Promise<DatasetView> {
  const { spec, createdAt, latest } = await requireDataset(table, workspace, dataset);
  return {
    dataset,
    specDigest: spec,
    spec: await specOf(table, workspace, spec),
    createdAt,
    ...(latest && { latest: await datasetVersion(table, workspace, dataset, latest) }),
  };
}

/** @throws UploadMissing */
export async function showIngestion(
  table: Table,
  { workspace, dataset, uploadId }: Named & { uploadId: string },
): Promise<IngestionView> {
  const fact = await ingestionFact(table, workspace, dataset, uploadId);
  if (fact) return fact;
  throw DataErrors.UploadMissing(`uploadId: got ${uploadId}, dataset ${dataset} has no such upload`);
}

/** Newest first. @throws DatasetMissing */
export async function listVersions(
  table: Table,
  { workspace, dataset }: Named,
): Promise<{ versions: DatasetVersionView[] }> {
  await requireDataset(table, workspace, dataset);
  const [facts, states] = await Promise.all([
    listDatasetVersions(table, workspace, dataset),
    versionStates(table, workspace, dataset),
  ]);
  return { versions: facts.map((fact) => viewOf(fact, states.get(fact.number))) };
}

interface Stores {
  table: Table;
  curated: ObjectStore;
}

/** @throws DatasetVersionMissing, DatasetVersionDeleted, ManifestDamaged */
export async function showVersion(
  { table, curated }: Stores,
  named: Named & { version: string },
): Promise<DatasetVersionFact & { manifest: Manifest }> {
  const fact = await requireVersion(table, named);
  return { ...fact, manifest: await readManifest(curated, fact) };
}

/** @throws DatasetVersionMissing, DatasetVersionDeleted, ManifestDamaged */
export async function showProfile({ table, curated }: Stores, named: Named & { version: string }): Promise<Profile> {
  const { profileKey, version } = await requireVersion(table, named);
  const bytes = await curated.get(profileKey);
  if (!bytes) throw DataErrors.ManifestDamaged(`profile of ${named.dataset} ${version}: there is no ${profileKey}`);
  return parseJson<Profile>(bytes);
}

/** The report on the file that made a version. @throws DatasetVersionMissing, QualityReportMissing */
export async function showQuality(
  { table, curated }: Stores,
  named: Named & { version: string },
): Promise<QualityReport> {
  const { qualityKey, version } = await requireVersion(table, named);
  return qualityAt(curated, qualityKey, `version: got ${version}`);
}

/** The report on an uploaded file, taken or refused. @throws UploadMissing, QualityReportMissing */
export async function showUploadQuality(
  { table, curated }: Stores,
  named: Named & { uploadId: string },
): Promise<QualityReport> {
  const { qualityKey, status, error } = await showIngestion(table, named);
  const why = error ? ` (${status}: ${error.name}: ${error.message})` : ` (${status})`;
  return qualityAt(curated, qualityKey, `uploadId: got ${named.uploadId}${why}`);
}

async function qualityAt(curated: ObjectStore, key: string | undefined, got: string): Promise<QualityReport> {
  const bytes = key && (await curated.get(key));
  if (bytes) return parseJson<QualityReport>(bytes);
  throw DataErrors.QualityReportMissing(`${got}, there is no report on its rows`);
}
