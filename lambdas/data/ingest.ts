import type { Clock } from '../shared/clock.ts';
import type { PlatformError } from '../shared/errors.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { retrying } from '../shared/retry.ts';
import type { Table } from '../shared/table.ts';
import type { NamedObject } from './collection.ts';
import { isCollection } from './collection-spec.ts';
import type { ArrivedObject } from './contract.ts';
import { type DatasetHead, requireDataset, specOf } from './dataset-head.ts';
import { curatedColumns, type DatasetSpec, identityOf } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import { checkFileSize } from './file-size.ts';
import { type IngestionFact, ingestionFact, replaceIngestion } from './ingestion.ts';
import type { IngestionPlan, PlannedPart } from './ingestion-plan.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { type ProveObject, requireObjects } from './objects-check.ts';
import type { Refined, RefineRequest, Refinery } from './ports.ts';
import { reportQuality } from './quality.ts';
import { parseRawKey, type RawPlace, RECORDS_FILE } from './raw-key.ts';
import { isRefusal, refusalOf } from './refusal.ts';
import { registerVersion } from './register-version.ts';
import { datasetVersion, latestDatasetVersion } from './versions.ts';

export interface IngestDeps {
  table: Table;
  curated: ObjectStore;
  refinery: Refinery;
  clock: Clock;
  /** Whether an object that a row of a collection names is there. */
  prove: ProveObject;
  /** A larger file is taken in parts, where it can be. */
  partBytes: number;
}

/** What became of an object; what was wrong with it is an outcome too, not a failure of the workflow. */
export interface IngestionOutcome {
  /** `split`: nothing yet; its parts are to be taken by themselves, and then finished. */
  status: 'succeeded' | 'refused' | 'split';
  ingestion?: IngestionFact;
  error?: { name: string; message: string };
  plan?: IngestionPlan;
}

const contended = (error: unknown) => error instanceof Error && error.name === 'DatasetContended';

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
  const attempt = async () => {
    const ingestion = await takeUp(deps, place, arrived);
    if (ingestion.status === 'succeeded') return outcomeOf(ingestion);
    return orRefused(deps, place, ingestion, async () => {
      checkFileSize(arrived.bytes);
      const work = await workOn(deps, place, arrived);
      if (place.fileName === RECORDS_FILE) checkStreamed(work.spec);
      const plan = arrived.bytes > deps.partBytes && (await deps.refinery.plan(work.request));
      if (plan) return { status: 'split', ingestion, plan };
      return conclude(deps, work, ingestion, await deps.refinery.refine(work.request));
    });
  };
  return retrying(attempt, contended, { attempts: 6, baseMs: 100 });
}

export interface PartOfObject {
  object: ArrivedObject;
  plan: IngestionPlan;
}

/** Takes one part of an object that was split; what is wrong with it is recorded on the ingestion. */
export async function ingestPart(
  deps: IngestDeps,
  { object, plan, part }: PartOfObject & { part: PlannedPart },
): Promise<{ part: number }> {
  const place = parseRawKey(object.key);
  const ingestion = await ingestionFact(deps.table, place.workspace, place.dataset, place.uploadId);
  if (ingestion?.status !== 'running') return { part: part.index };
  await orRefused(deps, place, ingestion, async () => {
    const { request } = await workOn(deps, place, object, plan.spec);
    await deps.refinery.refinePart(request, plan, part);
    return { status: 'split' };
  });
  return { part: part.index };
}

/**
 * Ends the ingestion of an object whose parts are all taken.
 * @throws SpecChanged when the dataset has another spec by now, so that the parts must be taken again
 */
export async function finishIngestion(deps: IngestDeps, { object, plan }: PartOfObject): Promise<IngestionOutcome> {
  const place = parseRawKey(object.key);
  const attempt = async () => {
    const ingestion = await ingestionFact(deps.table, place.workspace, place.dataset, place.uploadId);
    if (!ingestion) throw DataErrors.UploadMissing(`ingestion ${place.uploadId}: there is none to finish`);
    if (ingestion.status !== 'running') return outcomeOf(ingestion);
    return orRefused(deps, place, ingestion, async () => {
      const work = await workOn(deps, place, object, plan.spec);
      return conclude(deps, work, ingestion, await deps.refinery.finish(work.request, plan));
    });
  };
  return retrying(attempt, contended, { attempts: 6, baseMs: 100 });
}

/** Runs some work on a running ingestion; what is wrong with the file ends it as refused. */
async function orRefused(
  deps: IngestDeps,
  place: RawPlace,
  ingestion: IngestionFact,
  work: () => Promise<IngestionOutcome>,
): Promise<IngestionOutcome> {
  try {
    return await work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return outcomeOf(await refuse(deps, place, ingestion, { error: described(error) }));
  }
}

interface Work {
  request: RefineRequest & { specDigest: DatasetHead['spec'] };
  head: DatasetHead;
  spec: DatasetSpec;
  parent?: Manifest;
}

/** All that an object is held against, as it is now. */
async function workOn(
  { table, curated, clock, prove }: IngestDeps,
  { workspace, dataset }: RawPlace,
  { key, versionId }: ArrivedObject,
  planned?: string,
): Promise<Work> {
  const head = await requireDataset(table, workspace, dataset);
  if (planned !== undefined && planned !== head.spec)
    throw DataErrors.SpecChanged(
      `dataset ${dataset}: its spec was ${planned} when ${key} was split, it is ${head.spec}`,
    );
  const spec = await specOf(table, workspace, head.spec);
  const latest = head.latest ? await datasetVersion(table, workspace, dataset, head.latest) : undefined;
  const parent = latest && (await readManifest(curated, latest));
  const references = await referencesOf(table, curated, workspace, spec);
  const request = {
    ...{ workspace, object: { key, versionId }, spec, references, specDigest: head.spec, at: clock().toISOString() },
    ...(parent && { parent }),
    ...(latest && { rowsBefore: latest.given }),
    ...(isCollection(spec) && {
      requireObjects: (objects: readonly NamedObject[]) => requireObjects({ curated, prove }, workspace, head, objects),
    }),
  };
  return { request, head, spec, ...(parent && { parent }) };
}

async function conclude(
  deps: IngestDeps,
  { request: { workspace, at }, head, spec, parent }: Work,
  ingestion: IngestionFact,
  refined: Refined,
): Promise<IngestionOutcome> {
  const refusal = refusalOf(refined, spec);
  const ending = await reportQuality(deps.curated, {
    workspace,
    spec,
    ingestion,
    refined,
    ...(refusal && { refusal }),
  });
  if (refusal) return outcomeOf(await refuse(deps, { workspace }, ingestion, { ...ending, error: described(refusal) }));
  return outcomeOf(await registerVersion(deps, { workspace, head, spec, parent, refined, ingestion, ending, at }));
}

/** What a stream delivers may come twice, and is never all there is. */
function checkStreamed({ dataset, snapshot, columns }: DatasetSpec): void {
  if (snapshot)
    throw DataErrors.DatasetIsSnapshot(
      `dataset ${dataset}: got records of a stream, which would take the place of the whole dataset`,
    );
  if (identityOf(curatedColumns(columns)).length === 0)
    throw DataErrors.DatasetWithoutIdentity(
      `dataset ${dataset}: got records of a stream, and nothing tells one that came twice from two`,
    );
}

/** The manifests of the datasets that reference checks name, as they are now. */
async function referencesOf(
  table: Table,
  curated: ObjectStore,
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
