import { type Commit, commit, type Edge, factKey, ref } from '../lineage/contract.ts';
import { canonicalJson, type Digest } from '../shared/digest.ts';
import { derivedId } from '../shared/ids.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { ConditionUnmet, type Item, type Table } from '../shared/table.ts';
import { DATASET_VERSION_REGISTERED } from './contract.ts';
import { type DatasetHead, headWrite } from './dataset-head.ts';
import { catalogueRows } from './dataset-search.ts';
import { curatedColumns, type DatasetSpec } from './dataset-spec.ts';
import { requireNotDoomed } from './erasure-plan.ts';
import { DataErrors } from './errors.ts';
import { type Ending, type IngestionFact, ingestionWrite } from './ingestion.ts';
import { curatedKey, type Manifest, manifestKey, profileKey, versionOf } from './manifest.ts';
import type { Refined } from './ports.ts';
import type { Profile } from './profile.ts';
import { type DatasetVersionFact, datasetRef, datasetVersion, datasetVersionRef, versionRowKey } from './versions.ts';

/** Who the ledger says it was. */
const ACTOR = 'data/ingest-dataset';

export interface Registration {
  workspace: string;
  head: DatasetHead;
  spec: DatasetSpec;
  parent?: Manifest;
  refined: Refined;
  ingestion: IngestionFact;
  ending: Pick<Ending, 'repeated' | 'quarantined' | 'breaches' | 'qualityKey'>;
  at: string;
}

/**
 * Ends an ingestion that succeeded. Fresh files become the dataset's next version: manifest and profile first, then one
 * transaction with everything that says so. Without fresh files only the ingestion ends, at the version that is.
 * @throws DatasetContended when the dataset or the ingestion is no longer what this was made from; nothing is written then
 */
export async function registerVersion(
  { table, curated }: { table: Table; curated: ObjectStore },
  registration: Registration,
): Promise<IngestionFact> {
  const { workspace, head, parent, refined, ingestion, ending, at } = registration;
  const ended: IngestionFact = {
    ...ingestion,
    ...ending,
    status: 'succeeded',
    updatedAt: at,
    bytes: refined.raw.bytes,
  };
  const settle = (next: IngestionFact, change?: Omit<Commit, 'facts'> & { facts: Commit['facts'] }) =>
    commitOnce(table, head.dataset, {
      ...change,
      facts: [...(change?.facts ?? []), ingestionWrite(workspace, ingestion, next)],
    }).then(() => next);

  if (refined.files.length === 0 && refined.superseded.length === 0) {
    return settle({ ...ended, version: head.latest as Digest, number: head.number, rows: 0, unchanged: true });
  }
  const kept = (parent?.files ?? []).filter(({ path }) => !refined.superseded.includes(path));
  const manifest = manifestOf(registration, [...kept, ...refined.files]);
  const bytes = canonicalJson(manifest);
  const fact = factOf(manifest, bytes, registration);
  await requireNotDoomed(
    curated,
    head,
    manifest.files.map((file) => curatedKey(manifest, file)),
  );
  await curated.create(fact.manifestKey, bytes, 'application/json');
  await curated.create(fact.profileKey, canonicalJson(profileOf(manifest, fact, refined)), 'application/json');
  const next = {
    ...ended,
    version: fact.version,
    number: fact.number,
    rows: refined.rows.fresh,
    replaced: refined.rows.replaced,
    unchanged: false,
  };
  // Content that the dataset had before is that version again, under a number of its own; its digest leads to the newest.
  const before = await datasetVersion(table, workspace, head.dataset, fact.version);
  return settle(next, changeOf(registration, fact, before));
}

function manifestOf({ workspace, head, spec }: Registration, files: Manifest['files']): Manifest {
  return {
    schema: 'millrace/manifest/1',
    workspace,
    dataset: head.dataset,
    spec: head.spec,
    columns: curatedColumns(spec.columns),
    split: spec.split,
    ...(spec.partition && { partition: spec.partition }),
    files: [...files].sort((a, b) => (a.path < b.path ? -1 : 1)),
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
  };
}

function factOf(manifest: Manifest, bytes: string, { head, refined, ending, at }: Registration): DatasetVersionFact {
  const version = versionOf(manifest.files);
  return {
    dataset: manifest.dataset,
    version,
    number: head.number + 1,
    spec: manifest.spec,
    rows: manifest.rows,
    given: refined.rows.given,
    manifestKey: manifestKey(manifest, version, bytes),
    profileKey: profileKey(manifest, version),
    qualityKey: ending.qualityKey ?? '',
    registeredAt: at,
    ...(head.latest && { parent: head.latest }),
  };
}

const profileOf = ({ workspace, dataset, rows }: Manifest, fact: DatasetVersionFact, refined: Refined): Profile => ({
  schema: 'millrace/profile/2',
  workspace,
  dataset,
  version: fact.version,
  rows,
  columns: refined.columns,
  ...(refined.correlations && { correlations: refined.correlations }),
});

function changeOf(
  { workspace: ws, head, spec, refined, ingestion, at }: Registration,
  fact: DatasetVersionFact,
  before: DatasetVersionFact | undefined,
): Commit {
  const { dataset, version, number } = fact;
  const thing = datasetVersionRef(ws, dataset, version);
  const raw = ref('raw-object', ws, [dataset, ingestion.uploadId, ingestion.objectVersion].filter(Boolean).join('/'));
  const edges: Edge[] = [
    { from: thing, relation: 'version-of', to: datasetRef(ws, dataset) },
    { from: thing, relation: 'derived-from', to: raw },
  ];
  if (fact.parent) {
    edges.push({ from: thing, relation: 'derived-from', to: datasetVersionRef(ws, dataset, fact.parent) });
  }
  const rawFact = { key: ingestion.key, objectVersion: ingestion.objectVersion ?? null, ...refined.raw };
  return {
    facts: [
      headWrite(ws, head, { ...head, number, latest: version }),
      ...catalogueRows(ws, head, spec, fact),
      {
        put: { ...factKey(thing), ...fact } as unknown as Item,
        when: before ? { equals: { number: before.number } } : { absent: true },
      },
      { put: { ...versionRowKey(ws, dataset, number), ...fact } as unknown as Item, when: { absent: true } },
      { put: { ...factKey(raw), ...rawFact } },
    ],
    edges,
    entry: {
      subject: datasetRef(ws, dataset),
      action: 'dataset-version-registered',
      at,
      actor: ACTOR,
      detail: { dataset, version, number, rows: fact.rows, parent: fact.parent ?? null, spec: fact.spec, from: raw },
    },
    event: {
      id: derivedId(DATASET_VERSION_REGISTERED, ws, dataset, version),
      workspace: ws,
      domain: 'data',
      type: DATASET_VERSION_REGISTERED,
      detail: { dataset, version },
    },
  };
}

async function commitOnce(table: Table, dataset: string, change: Commit): Promise<void> {
  try {
    await commit(table, change);
  } catch (error) {
    if (!(error instanceof ConditionUnmet)) throw error;
    throw DataErrors.DatasetContended(`dataset ${dataset} moved while a version was registered`, { cause: error });
  }
}
