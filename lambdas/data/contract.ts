import * as z from 'zod';
import type { Digest } from '../shared/digest.ts';
import { ROLES, type Role, route } from '../shared/route.ts';
import { CatalogueRoutes } from './catalogue-routes.ts';
import { DATASET_NAME, type DatasetSpec } from './dataset-spec.ts';
import type { IngestionView } from './ingestion.ts';
import { LabelRoutes } from './label-routes.ts';
import type { Manifest } from './manifest.ts';
import type { DatasetVersionView } from './name-version.ts';
import type { Profile } from './profile.ts';
import type { QualityReport } from './quality.ts';
import { RecordRoutes } from './record-routes.ts';
import type { Upload } from './upload-answer.ts';
import type { DatasetVersionFact } from './versions.ts';

export type { Agreement } from './agreement.ts';
export type { Consensus } from './consensus.ts';
export type { Correction, CorrectionCheck } from './corrections.ts';
export { CURATED_PARTS } from './curated-parts.ts';

import { VersionName } from './resolve-version.ts';
import { VersionRoutes } from './version-routes.ts';

export { requirePath } from './collection-path.ts';
export { COLLECTION_COLUMNS, isCollection } from './collection-spec.ts';
export { currentDatasetSpec } from './dataset-head.ts';
export { datasetJsonSchema } from './dataset-json-schema.ts';
export type { DatasetRow, DatasetsFound } from './dataset-search.ts';
export {
  Column,
  type ColumnRole,
  type ColumnType,
  columnNames,
  curatedColumns,
  DatasetSpec,
  identityOf,
} from './dataset-spec.ts';
export { DATA_METRICS, DATASET_STALE, dataMetricNamespace, datasetMetric } from './dataset-watch.ts';
export { applyProposals } from './edit-spec.ts';
export { DataErrors } from './errors.ts';
export type { FeatureSetView } from './feature-answers.ts';
export {
  EntityValues,
  FEATURES_APPLIED,
  FeatureApiEnv,
  FeatureRoutes,
  FeaturesAsked,
  FeaturesFailure,
  FinishFeaturesInput,
  JoinFeaturesEnv,
  JoinRequest,
  MaterialiseFeaturesEnv,
  OneFeatureSet,
  STALE_HOURS,
  WriteFeaturesInput,
} from './feature-routes.ts';
export { FeatureSpec } from './feature-spec.ts';
export type { FileLink, VersionFiles } from './file-link.ts';
export { MAX_DATASET_BYTES, MAX_UPLOAD_BYTES } from './file-size.ts';
export { type FileSeen, firstSpec } from './first-spec.ts';
export { inferRules } from './infer-rules.ts';
export { INGESTION_REFUSED, type IngestionStatus, type IngestionView } from './ingestion.ts';
export { IngestionPlan, type PlannedPart } from './ingestion-plan.ts';
export { DataJobsEnv } from './job-settings.ts';
export { LabelsEnv } from './label-routes.ts';
export { curatedKey, Manifest, type ManifestFile, readManifest, type SplitName, versionOf } from './manifest.ts';
export { type MerkleTree, merkleTree, storedMerkleTree } from './merkle-tree.ts';
export type { DatasetVersionView } from './name-version.ts';
export {
  ColumnProfile,
  type Correlations,
  type NumberHistogram,
  Profile,
  QUANTILES,
  type TimeHistogram,
} from './profile.ts';
export type { Proposal } from './proposal.ts';
export type { QualityReport } from './quality.ts';
export {
  CollectRecordsEnv,
  FailedFlush,
  FlushInput,
  FlushRecordsEnv,
  MAX_RECORD_BYTES,
  MAX_RECORDS,
  type RecordsTaken,
  type RefusedRecord,
  tooLargeNumber,
} from './record-routes.ts';
export { requireReadable, requireVersion, VersionName } from './resolve-version.ts';
export { storedType } from './row-rules.ts';
export { parseDatasetSpec } from './spec-text.ts';
export { type QueryRows, type QueryState, RESULT_DAYS, RESULTS_PREFIX } from './sql-query.ts';
export { sqlName, sqlText } from './sql-text.ts';
export type { Upload } from './upload-answer.ts';
export type { Finding, VerificationPage } from './verify-version.ts';
export {
  type ColumnChange,
  diffVersions,
  missingShare,
  type VersionContent,
  type VersionDiff,
} from './version-diff.ts';
export {
  DeleteVersionsEnv,
  EraseVersionInput,
  FindVersionsInput,
  MAX_ANNOUNCED,
  MAX_OBJECT_BYTES,
  VerifyPageInput,
  VerifyVersionEnv,
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
  ...CatalogueRoutes,
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
  showQuality: route<QualityReport>()({
    method: 'GET',
    path: '/data/datasets/{dataset}/versions/{version}/quality',
    roles: EVERYONE,
    input: z.strictObject({ dataset, version }),
  }),
  showUploadQuality: route<QualityReport>()({
    method: 'GET',
    path: '/data/datasets/{dataset}/uploads/{uploadId}/quality',
    roles: EVERYONE,
    input: z.strictObject({ dataset, uploadId: z.string().max(128) }),
  }),
  showProfile: route<Profile>()({
    method: 'GET',
    path: '/data/datasets/{dataset}/versions/{version}/profile',
    roles: EVERYONE,
    input: z.strictObject({ dataset, version }),
  }),
  ...RecordRoutes,
  ...LabelRoutes,
  ...VersionRoutes,
};

export const IngestEnv = z.object({
  CATALOGUE_TABLE: z.string(),
  RAW_BUCKET: z.string(),
  CURATED_BUCKET: z.string(),
  /** The KMS key that datasets' pseudonym keys are sealed under. */
  DATASET_KEYS: z.string(),
  /** A file of more bytes than this is taken in parts of so many. */
  PART_BYTES: z.coerce.number().int().positive(),
});

export const DataApiEnv = z.object({
  CATALOGUE_TABLE: z.string(),
  RAW_BUCKET: z.string(),
  CURATED_BUCKET: z.string(),
  BUFFER_TABLE: z.string(),
  FLUSH_RECORDS_ARN: z.string(),
  STAGE: z.string(),
  SQL_WORKGROUP: z.string(),
  SQL_READER_ROLE: z.string(),
  RESULTS_BUCKET: z.string(),
  DELETE_VERSIONS_ARN: z.string(),
  VERIFY_FUNCTION: z.string(),
  LABELS_FUNCTION: z.string(),
});
export const CheckDatasetsEnv = z.object({ STAGE: z.string(), CATALOGUE_TABLE: z.string() });
export const PublishTablesEnv = z.object({
  STAGE: z.string(),
  CATALOGUE_TABLE: z.string(),
  CURATED_BUCKET: z.string(),
});

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
