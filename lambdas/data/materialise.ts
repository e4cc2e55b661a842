import { type Commit, commit, factKey, type Ref, ref } from '../lineage/contract.ts';
import type { Clock } from '../shared/clock.ts';
import type { Digest } from '../shared/digest.ts';
import { derivedId } from '../shared/ids.ts';
import { type ObjectStore, parseJson } from '../shared/objects.ts';
import { retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Item, type Table } from '../shared/table.ts';
import { DataErrors } from './errors.ts';
import type { Edition, NamedSet } from './feature-answers.ts';
import { FEATURES_MATERIALISED } from './feature-routes.ts';
import { type FeatureSetHead, featureSetRef, featureSpecOf, requireFeatureSet } from './feature-set.ts';
import type { FeatureSpec } from './feature-spec.ts';
import { curatedKey, type Manifest, type ManifestFile, readManifest } from './manifest.ts';
import { beginTurn, type EntityRow, endTurn, type OnlineState, onlineState, writeRows } from './online-table.ts';
import { datasetRef, datasetVersion, datasetVersionRef, latestDatasetVersion } from './versions.ts';

export interface MaterialiseRequest {
  spec: FeatureSpec;
  manifest: Manifest;
  /** Files whose entities are computed anew: of the manifest, and of versions before whose files are not in it. */
  changed: { of: Manifest; file: ManifestFile }[];
}

/** Features of all entities that have a row in a changed file, by entity, a page at a time. */
export type ComputeOnline = (request: MaterialiseRequest) => AsyncIterable<EntityRow[]>;

export interface MaterialiseDeps {
  table: Table;
  online: Table;
  curated: ObjectStore;
  /** The features zone. */
  features: ObjectStore;
  compute: ComputeOnline;
  clock: Clock;
}

/** One materialisation that has begun, from step to step of its workflow. */
export interface Materialisation extends Edition {
  revision: number;
  turn: number;
  pages: number;
  entities: number;
}

/** `current`: there is nothing to do. `empty`: the dataset has no version yet. */
export type Computed = { outcome: 'current' | 'empty' } | { outcome: 'computed'; materialisation: Materialisation };

/**
 * Begins a materialisation and computes what it will write: of the same definition only entities with rows in files that
 * came or went since the version before, of another one all. Pages lie in the features zone until they are written.
 * @throws FeatureSetMissing, ManifestDamaged, CuratedFileDamaged, FeatureUncomputable
 * @throws FeatureSetContended when others began at every attempt
 */
export async function computeFeatures(deps: MaterialiseDeps, named: NamedSet): Promise<Computed> {
  const contended = (error: unknown) => error instanceof Error && error.name === 'FeatureSetContended';
  const begun = await retrying(() => begin(deps, named), contended);
  if (begun === 'current' || begun === 'empty') return { outcome: begun };
  const { head, latest, turn, state } = begun;
  const { definition, revision } = head;
  const spec = await featureSpecOf(deps.table, named.workspace, definition);
  const manifest = await readManifest(deps.curated, latest);
  const changed = await changedFiles(deps, named, { head, manifest, version: latest.version, state });
  let [pages, entities] = [0, 0];
  for await (const rows of deps.compute({ spec, manifest, changed })) {
    await deps.features.put(pageKey(named, turn, pages), JSON.stringify(rows), 'application/json');
    pages += 1;
    entities += rows.length;
  }
  const { version, number } = latest;
  return { outcome: 'computed', materialisation: { definition, revision, version, number, turn, pages, entities } };
}

/** State first, newest last: a later turn is never of an older version or definition. */
async function begin({ table, online }: MaterialiseDeps, named: NamedSet) {
  const state = await onlineState(online, named);
  const head = await requireFeatureSet(table, named);
  const latest = await latestDatasetVersion(table, named.workspace, head.dataset);
  if (!latest) return 'empty';
  if (isCurrent(state, head, latest.version)) return 'current';
  if (await beginTurn(online, named, state, latest.version)) return { head, latest, turn: state.turn + 1, state };
  throw DataErrors.FeatureSetContended(`feature set ${named.set}: others began to materialise it`);
}

const isCurrent = ({ materialised, begun }: OnlineState, head: FeatureSetHead, version: Digest) =>
  begun.length === 0 && materialised?.revision === head.revision && materialised.version === version;

async function changedFiles(
  { table, curated }: MaterialiseDeps,
  { workspace }: NamedSet,
  { head, manifest, version, state }: { head: FeatureSetHead; manifest: Manifest; version: Digest; state: OnlineState },
): Promise<MaterialiseRequest['changed']> {
  const { materialised, begun } = state;
  const earlier = [...new Set([...(materialised ? [materialised.version] : []), ...begun])].filter(
    (each) => each !== version,
  );
  const bases: Manifest[] = [];
  for (const each of earlier) {
    const fact = await datasetVersion(table, workspace, head.dataset, each);
    if (fact) bases.push(await readManifest(curated, fact));
  }
  const pathsOf = ({ files }: Manifest) => new Set(files.map(({ path }) => path));
  const now = pathsOf(manifest);
  const went = uniqueFiles(
    bases.flatMap((base) => base.files.filter(({ path }) => !now.has(path)).map((file) => ({ of: base, file }))),
  );
  const there = await Promise.all(went.map(({ of, file }) => curated.head(curatedKey(of, file))));
  const lost = bases.length < earlier.length || there.includes(undefined);
  const all = lost || materialised?.revision !== head.revision;
  // A version of which only some rows were written counts as a base too: what it brought may be gone again.
  const known = bases.map(pathsOf);
  const came = manifest.files.filter(({ path }) => all || known.some((paths) => !paths.has(path)));
  return [...came.map((file) => ({ of: manifest, file })), ...went.filter((_, i) => there[i])];
}

const uniqueFiles = (files: MaterialiseRequest['changed']) => [
  ...new Map(files.map((each) => [each.file.path, each])).values(),
];

const pageKey = ({ workspace, set }: NamedSet, turn: number, page: number): string =>
  `${workspace}/${set}/materialisations/${turn}/${String(page).padStart(6, '0')}.json`;

/** `overtaken`: a later materialisation has begun, which writes at least what this one would. */
export type Written = { outcome: 'written'; next: number } | { outcome: 'overtaken' };

/** Writes one page. Written again, it is the same. @throws FeatureSetMissing when the page is not there any more */
export async function writePage(
  { online, features }: Pick<MaterialiseDeps, 'online' | 'features'>,
  named: NamedSet,
  { turn, definition, version, number }: Materialisation,
  page: number,
): Promise<Written> {
  const key = pageKey(named, turn, page);
  const bytes = await features.get(key);
  if (!bytes) throw DataErrors.FeatureSetMissing(`page ${page}: there is no ${key}`);
  const rows = parseJson<EntityRow[]>(bytes);
  const done = await writeRows(online, named, { turn, definition, version, number }, rows);
  return done ? { outcome: 'written', next: page + 1 } : { outcome: 'overtaken' };
}

const materialisationRef = (ws: string, set: string, turn: number): Ref => ref('materialisation', ws, `${set}/${turn}`);

/** Says that the online table is of this definition and version: in the catalogue with where it comes from, and in itself. */
export async function finishMaterialisation(
  { table, online, clock }: Pick<MaterialiseDeps, 'table' | 'online' | 'clock'>,
  named: NamedSet,
  materialisation: Materialisation,
): Promise<{ outcome: 'materialised' | 'overtaken' }> {
  const { turn, pages: _pages, ...edition } = materialisation;
  const state = await onlineState(online, named);
  // It may have ended before, and only the answer was lost.
  if (state.turn === turn && state.begun.length === 0) return { outcome: 'materialised' };
  if (state.turn !== turn) return { outcome: 'overtaken' };
  const { dataset } = await requireFeatureSet(table, named);
  const at = clock().toISOString();
  await commitOnce(table, changeOf(named, dataset, materialisation, at));
  const ended = await endTurn(online, named, turn, { ...edition, at });
  return { outcome: ended ? 'materialised' : 'overtaken' };
}

function changeOf({ workspace, set }: NamedSet, dataset: string, made: Materialisation, at: string): Commit {
  const { turn, definition, version, number, revision, entities } = made;
  const thing = materialisationRef(workspace, set, turn);
  const fact = { set, dataset, definition, revision, version, number, entities, at };
  return {
    facts: [{ put: { ...factKey(thing), ...fact } as Item, when: { absent: true } }],
    edges: [
      { from: thing, relation: 'version-of', to: featureSetRef(workspace, set) },
      { from: thing, relation: 'derived-from', to: datasetVersionRef(workspace, dataset, version) },
      { from: thing, relation: 'derived-from', to: ref('spec', workspace, definition) },
    ],
    entry: {
      subject: datasetRef(workspace, dataset),
      action: 'features-materialised',
      at,
      actor: 'data/materialise-features',
      detail: { set, definition, version, number, entities },
    },
    event: {
      id: derivedId(FEATURES_MATERIALISED, workspace, set, String(turn)),
      workspace,
      domain: 'data',
      type: FEATURES_MATERIALISED,
      detail: { set, dataset, definition, version },
    },
  };
}

async function commitOnce(table: Table, change: Commit): Promise<void> {
  try {
    await commit(table, change);
  } catch (error) {
    // The fact is there: an earlier attempt of this same turn wrote it.
    if (!(error instanceof ConditionUnmet)) throw error;
  }
}
