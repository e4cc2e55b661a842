import type { Clock } from '../shared/clock.ts';
import type { Item, Table, Write } from '../shared/table.ts';
import { headOf, specOf } from './dataset-head.ts';
import { deleteVersion } from './delete-version.ts';
import { type EraseDeps, type EraseOutcome, eraseVersion, type VersionToErase } from './erase-version.ts';
import { versionStates } from './version-state.ts';
import { usesOf } from './version-use.ts';
import { type DatasetVersionFact, listDatasetVersions } from './versions.ts';

/**
 * All datasets of the stage in one partition, since the sweep has no other way to come to them. It belongs to no
 * workspace, so it begins with none: `#` stands in no workspace's name.
 */
const DATASETS = '#datasets';
export const datasetRow = (ws: string, dataset: string): Write => ({
  put: { pk: DATASETS, sk: `${ws}/${dataset}`, workspace: ws, dataset },
});

export interface SweptVersion {
  workspace: string;
  dataset: string;
  number: number;
}

/** One sweep takes at most so many; the rest is the next day's. */
const MOST = 500;

/**
 * What a sweep has to do: versions that are past their dataset's retention, and deleted ones whose erasure did not end.
 * The latest, pinned, tagged and used ones stay.
 */
export async function findVersions(
  { table, clock }: { table: Table; clock: Clock },
  only?: SweptVersion,
): Promise<{ versions: SweptVersion[] }> {
  if (only) return { versions: [only] };
  const versions: SweptVersion[] = [];
  for (const item of await table.query(DATASETS)) {
    const { workspace, dataset } = item as Item & { workspace: string; dataset: string };
    for (const { number } of await dueOf(table, clock(), workspace, dataset)) {
      versions.push({ workspace, dataset, number });
      if (versions.length === MOST) return { versions };
    }
  }
  return { versions };
}

/** Oldest first. */
async function dueOf(table: Table, now: Date, ws: string, dataset: string): Promise<DatasetVersionFact[]> {
  const head = await headOf(table, ws, dataset);
  if (!head) return [];
  const { retentionDays } = await specOf(table, ws, head.spec);
  const [facts, states] = await Promise.all([
    listDatasetVersions(table, ws, dataset),
    versionStates(table, ws, dataset),
  ]);
  const due: DatasetVersionFact[] = [];
  for (const fact of facts.toReversed()) {
    if (fact.deleted) {
      if (!fact.deleted.erasedAt) due.push(fact);
      continue;
    }
    if (!isExpired(fact, now, retentionDays) || fact.number === head.number) continue;
    const state = states.get(fact.number);
    if (state?.pin || state?.tags.length) continue;
    if ((await usesOf(table, ws, dataset, fact.version)).length > 0) continue;
    due.push(fact);
  }
  return due;
}

const isExpired = ({ registeredAt }: DatasetVersionFact, now: Date, days: number | undefined) =>
  days !== undefined && now.getTime() - Date.parse(registeredAt) > days * 86_400_000;

/**
 * One version of a sweep: deletes it where it is expired, and takes its files away. Everything is asked again, for what
 * was found due may be pinned by now.
 */
export async function sweepVersion(deps: EraseDeps, wish: VersionToErase): Promise<EraseOutcome> {
  const { table, clock } = deps;
  const { workspace, dataset, number } = wish;
  const head = await headOf(table, workspace, dataset);
  const { retentionDays } = head ? await specOf(table, workspace, head.spec) : {};
  const fact = (await listDatasetVersions(table, workspace, dataset)).find((each) => each.number === number);
  if (fact && !fact.deleted && isExpired(fact, clock(), retentionDays)) {
    const reason = `older than the ${retentionDays} days that the spec keeps versions`;
    const [actor, at, version] = ['data/delete-versions', clock().toISOString(), String(number)];
    try {
      await deleteVersion(table, { workspace, dataset, version, reason, actor, at });
    } catch (error) {
      if ((error as Error).name === 'DatasetVersionKept') return { outcome: 'kept' };
      throw error;
    }
  }
  return eraseVersion(deps, wish);
}
