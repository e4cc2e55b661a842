import * as z from 'zod';
import type { Digest } from '../shared/digest.ts';
import { ROLES, type Role, route } from '../shared/route.ts';
import { DATASET_NAME, type DatasetSpec } from './dataset-spec.ts';
import type { IngestionView } from './ingestion.ts';
import type { Manifest } from './manifest.ts';
import type { DatasetVersionView } from './name-version.ts';
import type { Profile } from './profile.ts';
import { VersionName } from './resolve-version.ts';
import { VersionRoutes } from './version-routes.ts';
import type { DatasetVersionFact } from './versions.ts';

export { requirePath } from './collection-path.ts';
export { COLLECTION_COLUMNS, isCollection } from './collection-spec.ts';
export { currentDatasetSpec } from './dataset-head.ts';
export {
  Column,
  type ColumnRole,
  type ColumnType,
  columnNames,
  curatedColumns,
  DatasetSpec,
  identityOf,
} from './dataset-spec.ts';
export { DataErrors } from './errors.ts';
export { MAX_DATASET_BYTES, MAX_UPLOAD_BYTES } from './file-size.ts';
export type { IngestionStatus, IngestionView } from './ingestion.ts';
export { curatedKey, Manifest, type ManifestFile, readManifest, type SplitName, versionOf } from './manifest.ts';
export { type MerkleTree, merkleTree, storedMerkleTree } from './merkle-tree.ts';
export type { DatasetVersionView } from './name-version.ts';
export type { ColumnProfile, Profile } from './profile.ts';
export { requireReadable, requireVersion, VersionName } from './resolve-version.ts';
export type { Finding, VerificationPage } from './verify-version.ts';
export {
  DeleteVersionsEnv,
  EraseVersionInput,
  FindVersionsInput,
  MAX_ANNOUNCED,
  MAX_OBJECT_BYTES,
} from './version-routes.ts';
export { useCheck } from './version-use.ts';
export {
  type DatasetVersionFact,
  datasetRef,
  datasetVersion,
  datasetVersionRef,
  latestDatasetVersion,
} from './versions.ts';

/** A dataset as its people see it. */
export interface DatasetView {
  dataset: string;
  /** Digest and content of the spec that uploads are checked against. */
  specDigest: Digest;
  spec: DatasetSpec;
  createdAt: string;
  /** Absent until the first file is in. */
  latest?: DatasetVersionFact;
}

/** One PUT of exactly the announced bytes, once, with these headers, before `expiresAt`. */
export interface Upload {
  uploadId: string;
  url: string;
  method: 'PUT';
  headers: Record<string, string>;
  key: string;
  expiresAt: string;
}

/** EventBridge source `millrace.data`; `detail` of `DatasetVersionRegistered`, beside `id` and `workspace`. */
export const DATASET_VERSION_REGISTERED = 'DatasetVersionRegistered';
export const DatasetVersionRegistered = z.object({
  id: z.string(),
  workspace: z.string(),
  dataset: z.string(),
  version: z.string(),
});

const EVERYONE: readonly Role[] = ROLES.filter((role) => role !== 'app');
const MAKERS: readonly Role[] = ['scientist', 'engineer'];
const dataset = z.string().regex(DATASET_NAME, 'a dataset is lower-case letters, digits and hyphens, at most 63');
const version = VersionName;

/** `millrace data …` */
export const DataRoutes = {
  createDataset: route<DatasetView>()({
    method: 'PUT',
    path: '/data/datasets/{dataset}',
    roles: MAKERS,
    input: z.strictObject({ dataset, spec: z.string().max(200_000) }),
  }),
  showDataset: route<DatasetView>()({
    method: 'GET',
    path: '/data/datasets/{dataset}',
    roles: EVERYONE,
    input: z.strictObject({ dataset }),
  }),
  createUpload: route<Upload>()({
    method: 'POST',
    path: '/data/datasets/{dataset}/uploads',
    roles: MAKERS,
    input: z.strictObject({ dataset, fileName: z.string(), bytes: z.int().nonnegative() }),
  }),
  showIngestion: route<IngestionView>()({
    method: 'GET',
    path: '/data/datasets/{dataset}/uploads/{uploadId}',
    roles: EVERYONE,
    input: z.strictObject({ dataset, uploadId: z.string().max(128) }),
  }),
  listVersions: route<{ versions: DatasetVersionView[] }>()({
    method: 'GET',
    path: '/data/datasets/{dataset}/versions',
    roles: EVERYONE,
    input: z.strictObject({ dataset }),
  }),
  showVersion: route<DatasetVersionFact & { manifest: Manifest }>()({
    method: 'GET',
    path: '/data/datasets/{dataset}/versions/{version}',
    roles: EVERYONE,
    input: z.strictObject({ dataset, version }),
  }),
  showProfile: route<Profile>()({
    method: 'GET',
    path: '/data/datasets/{dataset}/versions/{version}/profile',
    roles: EVERYONE,
    input: z.strictObject({ dataset, version }),
  }),
  ...VersionRoutes,
};

export const DataApiEnv = z.object({
  CATALOGUE_TABLE: z.string(),
  RAW_BUCKET: z.string(),
  CURATED_BUCKET: z.string(),
  DELETE_VERSIONS_ARN: z.string(),
});
export const IngestEnv = z.object({ CATALOGUE_TABLE: z.string(), RAW_BUCKET: z.string(), CURATED_BUCKET: z.string() });

/** The part of the workflow's input that names the object, as `data/ingest-dataset` passes it on. */
export const ArrivedObject = z.strictObject({
  key: z.string().min(1),
  bytes: z.int().nonnegative(),
  versionId: z.string().optional(),
  /** Tells versions apart where the bucket has no version ids. */
  etag: z.string().optional(),
});
export type ArrivedObject = z.output<typeof ArrivedObject>;

/** Step Functions' error output: for a function's error, `Cause` is JSON with its type and message. */
export const FailedIngestion = z.strictObject({
  object: ArrivedObject,
  error: z.object({ Error: z.string().optional(), Cause: z.string().optional() }),
});
export type FailedIngestion = z.output<typeof FailedIngestion>;
