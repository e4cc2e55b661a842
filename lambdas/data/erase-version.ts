import { commit } from '../lineage/contract.ts';
import type { Clock } from '../shared/clock.ts';
import { hexOf } from '../shared/digest.ts';
import type { ErasableObjects } from '../shared/objects.ts';
import { ConditionUnmet, type Table } from '../shared/table.ts';
import { type DatasetHead, type Erasing, headCheck, headWrite, requireDataset } from './dataset-head.ts';
import { deletionWrites } from './delete-version.ts';
import { readPlan, versionsOf, writePlan } from './erasure-plan.ts';
import { DataErrors } from './errors.ts';
import { keysOfVersion, livingKeys } from './living-files.ts';
import { anyVersion } from './resolve-version.ts';
import { stateCheck, versionState } from './version-state.ts';
import { usesOf } from './version-use.ts';
import { type DatasetVersionFact, datasetRef, listDatasetVersions } from './versions.ts';

export interface EraseDeps {
  table: Table;
  curated: ErasableObjects;
  clock: Clock;
  /** Milliseconds after which a call ends and says how far it came. */
  budgetMs: number;
}

export interface VersionToErase {
  workspace: string;
  dataset: string;
  number: number;
  /** How much of the plan is done already. */
  from?: number;
}

/** `more`: call again with this `from`. `kept`: nothing was erased, for the version is not deleted (any more). */
export type EraseOutcome = { outcome: 'erased' | 'kept' } | { outcome: 'more'; from: number };

const ACTOR = 'data/delete-versions';
const BATCH = 1000;

/**
 * Takes a deleted version's objects away, every stored version of each, as far as no other version names them. First
 * the plan is written and put on the dataset's head in a transaction that holds only for the dataset it was made from;
 * then the objects go; then the head is freed and the ledger says so. Whoever dies in between, the next call goes on
 * from the head, and an erasure of another version that it finds there it ends first.
 * @throws DatasetContended when the dataset moved; ManifestDamaged when it is not known what a version names
 */
export async function eraseVersion(deps: EraseDeps, wish: VersionToErase): Promise<EraseOutcome> {
  const { table } = deps;
  const { workspace: ws, dataset, number, from = 0 } = wish;
  const head = await requireDataset(table, ws, dataset);
  const fact = await anyVersion(table, { workspace: ws, dataset, version: String(number) });
  if (fact.deleted?.erasedAt) return { outcome: 'erased' };
  if (!fact.deleted) return { outcome: 'kept' };
  try {
    if (!head.erasing) {
      const planned = await plan(deps, ws, head, fact);
      return planned ? { outcome: 'more', from: 0 } : { outcome: 'kept' };
    }
    const own = head.erasing.number === number;
    const next = await carryOut(deps, ws, head, head.erasing, own ? from : 0);
    if (next !== undefined) return { outcome: 'more', from: own ? next : 0 };
    return own ? { outcome: 'erased' } : { outcome: 'more', from: 0 };
  } catch (error) {
    if (!(error instanceof ConditionUnmet)) throw error;
    throw DataErrors.DatasetContended(`dataset ${dataset} moved while version ${number} was erased`, { cause: error });
  }
}

/** Puts the erasure on the head. Says false where the version turned out to be used, and is there again. */
async function plan(
  { table, curated, clock }: EraseDeps,
  ws: string,
  head: DatasetHead,
  fact: DatasetVersionFact,
): Promise<boolean> {
  const { dataset, number, version } = fact;
  const state = await versionState(table, ws, dataset, fact);
  // Asked again: what began to use it just before it was deleted is in the graph by now, and nothing can begin any more.
  const uses = fact.deleted?.evenIfUsed ? [] : await usesOf(table, ws, dataset, version);
  if (uses.length > 0) {
    const detail = { dataset, number, version, usedBy: uses[0] as string };
    await commit(table, {
      facts: [...(await deletionWrites(table, ws, fact, state, undefined)), headCheck(ws, head)],
      entry: {
        subject: datasetRef(ws, dataset),
        action: 'dataset-version-reinstated',
        at: clock().toISOString(),
        actor: ACTOR,
        detail,
      },
    });
    return false;
  }
  const objects = await versionsOf(curated, { workspace: ws, dataset }, await doomedKeys({ table, curated }, ws, fact));
  const planKey = await writePlan(curated, {
    schema: 'millrace/erasure/1',
    ...{ workspace: ws, dataset, number, version },
    objects,
  });
  const next = { ...head, erasing: { number, version, planKey }, erasureStep: (head.erasureStep ?? 0) + 1 };
  await table.transact([headWrite(ws, head, next), stateCheck(ws, dataset, state)]);
  return true;
}

/** What only this version names, and its profile, which says what values were in it. Its manifest stays: it has no rows. */
async function doomedKeys(
  { table, curated }: Pick<EraseDeps, 'table' | 'curated'>,
  ws: string,
  fact: DatasetVersionFact,
): Promise<Set<string>> {
  const { dataset, number, version } = fact;
  const [own, kept, facts] = await Promise.all([
    keysOfVersion({ table, curated }, fact),
    livingKeys({ table, curated }, ws, dataset, number),
    listDatasetVersions(table, ws, dataset),
  ]);
  const twin = facts.some((each) => each.number !== number && each.version === version && !each.deleted?.erasedAt);
  const besides = twin ? [] : await curated.versionsBelow(`${ws}/${dataset}/profiles/${hexOf(version)}`);
  return new Set([...[...own].filter((key) => !kept.has(key)), ...besides.map(({ key }) => key)]);
}

/** Erases what is planned from a place on; answers the next place, or undefined when it is over and recorded. */
async function carryOut(
  { table, curated, clock, budgetMs }: EraseDeps,
  ws: string,
  head: DatasetHead,
  erasing: Erasing,
  from: number,
): Promise<number | undefined> {
  const { objects } = await readPlan(curated, erasing);
  const deadline = clock().getTime() + budgetMs;
  for (let i = from; i < objects.length; i += BATCH) {
    if (i > from && clock().getTime() > deadline) return i;
    await curated.erase(objects.slice(i, i + BATCH));
  }
  const { dataset } = head;
  const { number, version } = erasing;
  const fact = await anyVersion(table, { workspace: ws, dataset, version: String(number) });
  const state = await versionState(table, ws, dataset, fact);
  if (!state.deletion) throw DataErrors.ManifestDamaged(`${dataset} version ${number} is erased and not deleted`);
  const at = clock().toISOString();
  const count = new Set(objects.map(({ key }) => key)).size;
  const { erasing: _ended, ...free } = head;
  const next = { ...free, erasureStep: (head.erasureStep ?? 0) + 1 };
  await commit(table, {
    facts: [
      headWrite(ws, head, next),
      ...(await deletionWrites(table, ws, fact, state, { ...state.deletion, erasedAt: at, objects: count })),
    ],
    entry: {
      subject: datasetRef(ws, dataset),
      action: 'dataset-version-erased',
      at,
      actor: ACTOR,
      detail: { dataset, number, version, objects: count, plan: erasing.planKey },
    },
  });
  return undefined;
}
