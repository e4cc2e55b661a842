import { commit, type LedgerAction } from '../lineage/contract.ts';
import { retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Table, type Value, type Write } from '../shared/table.ts';
import { requireDataset } from './dataset-head.ts';
import { DataErrors } from './errors.ts';
import { anyVersion, requireVersion } from './resolve-version.ts';
import { stateWrite, type VersionState, versionState } from './version-state.ts';
import { isTag, TAG_RULE, tagPointer, tagWrite } from './version-tag.ts';
import { type DatasetVersionFact, datasetRef, numberedDatasetVersion } from './versions.ts';

export interface NamedVersion {
  workspace: string;
  dataset: string;
  version: string;
}
/** Who does it, and when. */
export interface Act {
  actor: string;
  /** ISO 8601, UTC. */
  at: string;
}

/** A version with what is said of it. */
export type DatasetVersionView = DatasetVersionFact & Pick<VersionState, 'pin' | 'tags'>;

export const viewOf = (fact: DatasetVersionFact, state?: Pick<VersionState, 'pin' | 'tags'>): DatasetVersionView => ({
  ...fact,
  tags: state?.tags ?? [],
  ...(state?.pin && { pin: state.pin }),
});

/**
 * A pinned version is neither expired nor deleted. The same reason again changes nothing.
 * @throws DatasetVersionMissing, DatasetVersionDeleted, DatasetContended
 */
export function pinVersion(
  table: Table,
  { reason, actor, at, ...named }: NamedVersion & Act & { reason: string },
): Promise<DatasetVersionView> {
  return changing(table, named, { actor, at }, async (_, state) => {
    if (state.pin?.reason === reason) return undefined;
    return { action: 'dataset-version-pinned', change: { pin: { at, by: actor, reason } }, detail: { reason } };
  });
}

/** @throws DatasetVersionMissing, DatasetVersionDeleted, DatasetContended */
export function unpinVersion(
  table: Table,
  { reason, actor, at, ...named }: NamedVersion & Act & { reason: string },
): Promise<DatasetVersionView> {
  return changing(table, named, { actor, at }, async (_, state) =>
    state.pin ? { action: 'dataset-version-unpinned', change: { pin: undefined }, detail: { reason } } : undefined,
  );
}

/**
 * Gives a name to a version; where another version had it, the name moves. While it has one a version stays.
 * @throws TagInvalid, DatasetVersionMissing, DatasetVersionDeleted, DatasetContended
 */
export async function tagVersion(
  table: Table,
  { tag, actor, at, ...named }: NamedVersion & Act & { tag: string },
): Promise<DatasetVersionView> {
  if (!isTag(tag)) throw DataErrors.TagInvalid(`tag: got ${JSON.stringify(tag.slice(0, 80))}, ${TAG_RULE}`);
  const { workspace: ws, dataset } = named;
  return changing(table, named, { actor, at }, async (fact, state) => {
    const pointer = await tagPointer(table, ws, dataset, tag);
    if (pointer.number === fact.number) return undefined;
    return {
      action: 'dataset-version-tagged',
      change: { tags: [...state.tags, tag].sort() },
      detail: { tag, from: pointer.version },
      more: [
        tagWrite(ws, dataset, pointer, { number: fact.number, version: fact.version }),
        ...(await untagging(table, ws, dataset, pointer.number, tag)),
      ],
    };
  });
}

/**
 * Takes a name off its version. One that points to nothing is left at that.
 * @throws TagMissing, DatasetMissing, DatasetContended
 */
export async function untagVersion(
  table: Table,
  { workspace, dataset, tag, actor, at }: Omit<NamedVersion, 'version'> & Act & { tag: string },
): Promise<DatasetVersionView> {
  await requireDataset(table, workspace, dataset);
  const { number } = await tagPointer(table, workspace, dataset, tag);
  if (number === null) throw DataErrors.TagMissing(`tag: got ${tag}, dataset ${dataset} has no such tag`);
  return changing(table, { workspace, dataset, version: String(number) }, { actor, at }, async (fact, state) => {
    const pointer = await tagPointer(table, workspace, dataset, tag);
    if (pointer.number !== fact.number) return undefined;
    return {
      action: 'dataset-version-untagged',
      change: { tags: state.tags.filter((each) => each !== tag) },
      detail: { tag },
      more: [tagWrite(workspace, dataset, pointer, { number: null, version: null })],
    };
  });
}

async function untagging(table: Table, ws: string, dataset: string, number: number | null, tag: string) {
  const fact = number === null ? undefined : await numberedDatasetVersion(table, ws, dataset, number);
  if (!fact) return [];
  const state = await versionState(table, ws, dataset, fact);
  return [stateWrite(ws, dataset, state, { tags: state.tags.filter((each) => each !== tag) })];
}

interface Change {
  action: LedgerAction;
  change: Parameters<typeof stateWrite>[3];
  detail: Record<string, Value>;
  more?: Write[];
}

/** Reads version and state, and writes what `decide` makes of them with its ledger entry; again when overtaken. */
async function changing(
  table: Table,
  named: NamedVersion,
  { actor, at }: Act,
  decide: (fact: DatasetVersionFact, state: VersionState) => Promise<Change | undefined>,
): Promise<DatasetVersionView> {
  const { workspace: ws, dataset } = named;
  const attempt = async () => {
    await requireDataset(table, ws, dataset);
    const fact = await requireVersion(table, named);
    const state = await versionState(table, ws, dataset, fact);
    // Deleted between the two reads: what is read next says so.
    if (state.deletion) throw new ConditionUnmet([]);
    const decided = await decide(fact, state);
    if (!decided) return viewOf(fact, state);
    const { action, change, detail, more = [] } = decided;
    const { number, version } = fact;
    await commit(table, {
      facts: [stateWrite(ws, dataset, state, change), ...more],
      entry: { subject: datasetRef(ws, dataset), action, at, actor, detail: { dataset, number, version, ...detail } },
    });
    return viewOf(fact, { ...state, ...change });
  };
  return retrying(attempt, (error) => error instanceof ConditionUnmet).catch((error) => {
    if (!(error instanceof ConditionUnmet)) throw error;
    throw DataErrors.DatasetContended(`version ${named.version} of ${dataset} changed at every attempt`, {
      cause: error,
    });
  });
}

/** Of one version, also of a deleted one. @throws DatasetVersionMissing */
export async function describeVersion(table: Table, named: NamedVersion): Promise<DatasetVersionView> {
  const fact = await anyVersion(table, named);
  return viewOf(fact, await versionState(table, named.workspace, named.dataset, fact));
}
