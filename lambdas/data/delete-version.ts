import { commit, factKey } from '../lineage/contract.ts';
import { retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Item, type Table, type Write } from '../shared/table.ts';
import { requireDataset } from './dataset-head.ts';
import { DataErrors } from './errors.ts';
import type { Act, NamedVersion } from './name-version.ts';
import { anyVersion } from './resolve-version.ts';
import { stateWrite, type VersionState, versionState } from './version-state.ts';
import { usesOf } from './version-use.ts';
import {
  type DatasetVersionFact,
  type Deletion,
  datasetRef,
  datasetVersionRef,
  factByDigest,
  versionRowKey,
} from './versions.ts';

export interface DeletionWish extends NamedVersion, Act {
  reason: string;
  /** Also when runs or bundles name it, which then cannot be repeated. @default false */
  evenIfUsed?: boolean;
}

/**
 * Says that a version is deleted: from here on nothing reads, pins, tags or trains on it, and `eraseVersion` takes its
 * files away. Its number, digest, manifest, edges and the ledger stay. Said again, it stays what it was.
 * @throws DatasetVersionMissing
 * @throws DatasetVersionKept when it is the latest, pinned, tagged, or used
 * @throws DatasetContended when others changed it at every attempt
 */
export function deleteVersion(table: Table, wish: DeletionWish): Promise<DatasetVersionFact> {
  return retrying(
    () => attempt(table, wish),
    (error) => error instanceof ConditionUnmet,
  ).catch((error) => {
    if (!(error instanceof ConditionUnmet)) throw error;
    throw DataErrors.DatasetContended(`version ${wish.version} of ${wish.dataset} changed at every attempt`, {
      cause: error,
    });
  });
}

async function attempt(table: Table, wish: DeletionWish): Promise<DatasetVersionFact> {
  const { workspace: ws, dataset, reason, actor, at, evenIfUsed } = wish;
  const head = await requireDataset(table, ws, dataset);
  const fact = await anyVersion(table, wish);
  if (fact.deleted) return fact;
  const { number, version } = fact;
  const state = await versionState(table, ws, dataset, fact);
  // Deleted by someone else between the two reads.
  if (state.deletion) throw new ConditionUnmet([]);
  // The latest only ever moves on, so that one which is not the latest never is again.
  if (number === head.number) throw kept(fact, 'it is the latest, which the next file is added to');
  if (state.pin) throw kept(fact, `${state.pin.by} pinned it: ${state.pin.reason}`);
  if (state.tags.length > 0) throw kept(fact, `it is tagged ${state.tags.join(', ')}`);
  const uses = evenIfUsed ? [] : await usesOf(table, ws, dataset, version);
  if (uses.length > 0) throw kept(fact, `${uses.length} things were made from it, such as ${uses[0]}`);
  const deletion: Deletion = { at, by: actor, reason, ...(evenIfUsed && { evenIfUsed }) };
  await commit(table, {
    facts: await deletionWrites(table, ws, fact, state, deletion),
    entry: {
      subject: datasetRef(ws, dataset),
      action: 'dataset-version-deleted',
      at,
      actor,
      detail: { dataset, number, version, reason, evenIfUsed: evenIfUsed ?? false },
    },
  });
  return { ...fact, deleted: deletion };
}

/**
 * A version's state, row and fact say the same about its deletion. The fact, which is found by digest, is left alone
 * where a later version of equal content has it by now.
 */
export async function deletionWrites(
  table: Table,
  ws: string,
  { deleted: _deleted, ...fact }: DatasetVersionFact,
  state: VersionState,
  deletion: Deletion | undefined,
): Promise<Write[]> {
  const { dataset, number, version } = fact;
  const item = { ...fact, ...(deletion && { deleted: deletion }) } as unknown as Item;
  const byDigest = await factByDigest(table, ws, dataset, version);
  return [
    stateWrite(ws, dataset, state, { deletion }),
    { put: { ...item, ...versionRowKey(ws, dataset, number) } },
    ...(byDigest?.number === number
      ? [{ put: { ...item, ...factKey(datasetVersionRef(ws, dataset, version)) }, when: { equals: { number } } }]
      : []),
  ];
}

const kept = ({ dataset, number, version }: DatasetVersionFact, why: string) =>
  DataErrors.DatasetVersionKept(`version: ${dataset} version ${number} (${version}) stays: ${why}`);
