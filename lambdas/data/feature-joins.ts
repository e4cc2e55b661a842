import type { Clock } from '../shared/clock.ts';
import type { Digest } from '../shared/digest.ts';
import type { NewId } from '../shared/ids.ts';
import type { ObjectStore } from '../shared/objects.ts';
import type { Table } from '../shared/table.ts';
import { DataErrors } from './errors.ts';
import type { Joined, JoinView, NamedSet } from './feature-answers.ts';
import { type JoinFormat, JoinRequest } from './feature-routes.ts';
import { featureSpecOf, requireFeatureSet } from './feature-set.ts';
import type { FeatureSpec } from './feature-spec.ts';
import { type Manifest, type ManifestFile, readManifest, type SplitName } from './manifest.ts';
import type { PresignGet, PresignPut } from './ports.ts';
import type { Upload } from './upload-answer.ts';
import { latestDatasetVersion } from './versions.ts';

const spineKey = ({ workspace, set }: NamedSet, spine: string): string => `${workspace}/${set}/spines/${spine}.csv`;
const joinKey = ({ workspace, set }: NamedSet, join: string, format: JoinFormat): string =>
  `${workspace}/${set}/joins/${join}.${format}`;

export interface OfflineRequest {
  spec: FeatureSpec;
  manifest: Manifest;
  /** Files that features, and a spine of the dataset's own rows, are taken from. */
  files: readonly ManifestFile[];
  /** CSV; absent for the dataset's own rows. */
  spine?: Uint8Array;
  format: JoinFormat;
}

/** Features as they were known at each row of a spine, in its order, as one file. @throws SpineInvalid, FeatureUncomputable */
export type ComputeOffline = (request: OfflineRequest) => Promise<{ bytes: Uint8Array; rows: number; sha256: Digest }>;

export interface JoinDeps {
  table: Table;
  curated: ObjectStore;
  features: ObjectStore;
  compute: ComputeOffline;
}

/**
 * Whose rows are history: those who train see no row of the test split, however far back; those who judge what was
 * trained see all.
 */
export const SPLITS_SEEN: Record<'training' | 'evaluation', readonly SplitName[]> = {
  training: ['train'],
  evaluation: ['train', 'test'],
};

/**
 * Joins features to a spine and puts the file into the features zone.
 * @throws FeatureSetMissing, SpineMissing, SpineInvalid, FeatureUncomputable, ManifestDamaged, CuratedFileDamaged
 */
export async function joinFeatures(
  { table, curated, features, compute }: JoinDeps,
  { workspace, set, join, spine, format }: JoinRequest,
  purpose: keyof typeof SPLITS_SEEN = 'training',
): Promise<Joined> {
  const named = { workspace, set };
  const { definition, dataset } = await requireFeatureSet(table, named);
  const latest = await latestDatasetVersion(table, workspace, dataset);
  if (!latest) throw DataErrors.DatasetVersionMissing(`dataset: got ${dataset}, which has no version yet`);
  const spec = await featureSpecOf(table, workspace, definition);
  const manifest = await readManifest(curated, latest);
  const files = manifest.files.filter(({ split }) => SPLITS_SEEN[purpose].includes(split));
  const bytes = spine === undefined ? undefined : await features.get(spineKey(named, spine));
  if (spine !== undefined && !bytes)
    throw DataErrors.SpineMissing(`spine: got ${spine}, nothing was put there for set ${set}`);
  const made = await compute({ spec, manifest, files, format, ...(bytes && { spine: bytes }) });
  const key = joinKey(named, join, format);
  await features.put(key, made.bytes, format === 'csv' ? 'text/csv' : 'application/vnd.apache.parquet');
  const { version, number } = latest;
  return { key, rows: made.rows, bytes: made.bytes.length, sha256: made.sha256, definition, version, number };
}

/** Long enough to begin a large transfer, short enough that a URL in a log is soon worth nothing. */
const EXPIRES_SECONDS = 900;

export interface SpineDeps {
  table: Table;
  presign: PresignPut;
  clock: Clock;
  newId: NewId;
}

/** Where the CSV of a spine is to be put, once. @throws FeatureSetMissing */
export async function createSpine(
  { table, presign, clock, newId }: SpineDeps,
  { bytes, ...named }: NamedSet & { bytes: number },
): Promise<Upload> {
  await requireFeatureSet(table, named);
  const uploadId = newId();
  const key = spineKey(named, uploadId);
  const { url, headers } = await presign(key, bytes, EXPIRES_SECONDS);
  const expiresAt = new Date(clock().getTime() + EXPIRES_SECONDS * 1000).toISOString();
  return { uploadId, url, method: 'PUT', headers, key, expiresAt };
}

/** The executions of one state machine. */
export interface WorkflowExecutions {
  /** Starts one under its name; a name that was used before starts nothing. */
  start(name: string, input: unknown): Promise<void>;
  show(name: string): Promise<WorkflowExecution | undefined>;
}
export interface WorkflowExecution {
  status: 'running' | 'succeeded' | 'failed';
  input: string;
  output?: string;
  error?: string;
  cause?: string;
}

/** @throws FeatureSetMissing */
export async function startJoin(
  { table, executions, newId }: { table: Table; executions: WorkflowExecutions; newId: NewId },
  request: Omit<JoinRequest, 'join'>,
): Promise<{ join: string }> {
  await requireFeatureSet(table, request);
  const join = newId();
  await executions.start(join, { ...request, join } satisfies JoinRequest);
  return { join };
}

/** A join of the workspace's set, and once it has ended its result or why there is none. @throws JoinMissing */
export async function showJoin(
  { executions, presignGet, clock }: { executions: WorkflowExecutions; presignGet: PresignGet; clock: Clock },
  { workspace, set, join }: NamedSet & { join: string },
): Promise<JoinView> {
  const execution = await executions.show(join);
  const input = execution && JoinRequest.safeParse(JSON.parse(execution.input)).data;
  if (!execution || input?.workspace !== workspace || input.set !== set)
    throw DataErrors.JoinMissing(`join: got ${join}, set ${set} has no such join`);
  const { status, error, cause } = execution;
  if (status === 'failed') return { join, set, status, error: { name: error ?? 'Unknown', message: messageOf(cause) } };
  if (status === 'running') return { join, set, status };
  const result = JSON.parse(execution.output ?? '{}') as Joined;
  const expiresAt = new Date(clock().getTime() + EXPIRES_SECONDS * 1000).toISOString();
  return { join, set, status, result, url: await presignGet(result.key, EXPIRES_SECONDS), expiresAt };
}

/** Step Functions' cause of a function's error is JSON with its message. */
export function messageOf(cause = ''): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
