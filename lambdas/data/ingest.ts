import type { Clock } from '../shared/clock.ts';
import type { PlatformError } from '../shared/errors.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { retrying } from '../shared/retry.ts';
import type { Table } from '../shared/table.ts';
import type { ArrivedObject } from './contract.ts';
import { requireDataset, specOf } from './dataset-head.ts';
import type { DatasetSpec } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import { checkFileSize } from './file-size.ts';
import { type IngestionFact, ingestionFact, replaceIngestion } from './ingestion.ts';
import { type Manifest, readManifest } from './manifest.ts';
import type { Refine } from './ports.ts';
import { reportQuality } from './quality.ts';
import { parseRawKey, type RawPlace } from './raw-key.ts';
import { isRefusal, refusalOf } from './refusal.ts';
import { registerVersion } from './register-version.ts';
import { datasetVersion, latestDatasetVersion } from './versions.ts';

export interface IngestDeps {
  table: Table;
  curated: ObjectStore;
  refine: Refine;
  clock: Clock;
}

/** What became of an object; what was wrong with it is an outcome too, not a failure of the workflow. */
export interface IngestionOutcome {
  status: 'succeeded' | 'refused';
  ingestion?: IngestionFact;
  error?: { name: string; message: string };
}

/**
 * Takes one raw object into its dataset, once: whatever is repeated, interrupted or run at the same time, the dataset
 * gets its rows in one version, and every caller hears of that one.
 * @throws DatasetContended when other files came first at every attempt; whatever ports throw
 */
export async function ingestObject(deps: IngestDeps, arrived: ArrivedObject): Promise<IngestionOutcome> {
  let place: RawPlace;
  try {
    place = parseRawKey(arrived.key);
  } catch (error) {
    // Such an object belongs to no dataset, so there is no ingestion to record it on: the execution's output has it.
    return { status: 'refused', error: described(error as PlatformError) };
  }
  const contended = (error: unknown) => error instanceof Error && error.name === 'DatasetContended';
  return retrying(() => attempt(deps, place, arrived), contended, { attempts: 6, baseMs: 100 });
}

async function attempt(deps: IngestDeps, place: RawPlace, arrived: ArrivedObject): Promise<IngestionOutcome> {
  const ingestion = await takeUp(deps, place, arrived);
  if (ingestion.status === 'succeeded') return outcomeOf(ingestion);
  try {
    return outcomeOf(await ingest(deps, place, arrived, ingestion));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return outcomeOf(await refuse(deps, place, ingestion, { error: described(error) }));
  }
}

async function ingest(
  deps: IngestDeps,
  { workspace, dataset }: RawPlace,
  { key, versionId, bytes }: ArrivedObject,
  ingestion: IngestionFact,
): Promise<IngestionFact> {
  const { table, curated, refine, clock } = deps;
  checkFileSize(bytes);
  const head = await requireDataset(table, workspace, dataset);
  const spec = await specOf(table, workspace, head.spec);
  const latest = head.latest ? await datasetVersion(table, workspace, dataset, head.latest) : undefined;
  const parent = latest && (await readManifest(curated, latest));
  const at = clock().toISOString();
  const references = await referencesOf(deps, workspace, spec);
  const refined = await refine({
    ...{ workspace, object: { key, versionId }, spec, references, at },
    ...(parent && { parent }),
    ...(latest && { rowsBefore: latest.given }),
  });
  const refusal = refusalOf(refined, spec);
  const ending = await reportQuality(curated, { workspace, spec, ingestion, refined, ...(refusal && { refusal }) });
  if (refusal) return refuse(deps, { workspace }, ingestion, { ...ending, error: described(refusal) });
  return registerVersion(deps, { workspace, head, spec, parent, refined, ingestion, ending, at });
}

/** The manifests of the datasets that reference checks name, as they are now. */
async function referencesOf(
  { table, curated }: IngestDeps,
  workspace: string,
  { checks = [] }: DatasetSpec,
): Promise<Record<string, Manifest | undefined>> {
  const manifests: Record<string, Manifest | undefined> = {};
  for (const check of checks) {
    if (check.rule !== 'reference') continue;
    const latest = await latestDatasetVersion(table, workspace, check.dataset);
    manifests[check.dataset] = latest && (await readManifest(curated, latest));
  }
  return manifests;
}

/**
 * The object's ingestion as running, or as it succeeded with this version of the object. A refused file that is told of
 * again is looked at again: the dataset or its spec may be there by now.
 */
async function takeUp(
  { table, clock }: IngestDeps,
  { workspace, dataset, uploadId, fileName, key }: RawPlace,
  { bytes, versionId, etag }: ArrivedObject,
): Promise<IngestionFact> {
  const before = await ingestionFact(table, workspace, dataset, uploadId);
  const objectVersion = versionId ?? etag;
  const same = before?.key === key && (objectVersion === undefined || before.objectVersion === objectVersion);
  if (before && same && (before.status === 'succeeded' || before.status === 'running')) return before;
  const at = clock().toISOString();
  const createdAt = before?.createdAt ?? at;
  const next: IngestionFact = {
    ...{ uploadId, dataset, fileName, key, bytes, objectVersion },
    ...{ status: 'running', createdAt, updatedAt: at },
  };
  if (await replaceIngestion(table, workspace, before, next)) return next;
  throw DataErrors.DatasetContended(`ingestion ${uploadId} of ${dataset} was taken up by someone else`);
}

async function refuse(
  { table, clock }: IngestDeps,
  { workspace }: Pick<RawPlace, 'workspace'>,
  ingestion: IngestionFact,
  ending: Partial<IngestionFact>,
): Promise<IngestionFact> {
  const next: IngestionFact = { ...ingestion, ...ending, status: 'refused', updatedAt: clock().toISOString() };
  if (await replaceIngestion(table, workspace, ingestion, next)) return next;
  throw DataErrors.DatasetContended(`ingestion ${ingestion.uploadId} moved while its refusal was recorded`);
}

const outcomeOf = (ingestion: IngestionFact): IngestionOutcome => ({
  status: ingestion.status === 'succeeded' ? 'succeeded' : 'refused',
  ingestion,
  error: ingestion.error,
});

const described = ({ name, message }: PlatformError) => ({ name, message });
