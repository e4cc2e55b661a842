import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';
import type { FeatureSetView, NamedSet } from './feature-answers.ts';
import { featureSpecOf, listFeatureSets, requireFeatureSet } from './feature-set.ts';
import { staleness } from './find-features.ts';
import { failureOf, onlineState } from './online-table.ts';
import { latestDatasetVersion } from './versions.ts';

export interface FeatureViewDeps {
  table: Table;
  online: Table;
  clock: Clock;
}

/** @throws FeatureSetMissing */
export async function showFeatures(deps: FeatureViewDeps, named: NamedSet): Promise<FeatureSetView> {
  const { table, online } = deps;
  const { set, dataset, definition, revision, createdAt, appliedAt } = await requireFeatureSet(table, named);
  const { materialised } = await onlineState(online, named);
  const failure = await failureOf(online, named);
  return {
    ...{ set, definition, revision, createdAt, appliedAt },
    spec: await featureSpecOf(table, named.workspace, definition),
    latest: (await latestDatasetVersion(table, named.workspace, dataset))?.number ?? 0,
    ...(materialised && { materialised }),
    staleHours: (await staleness(deps, named)).hours,
    ...(failure && { failure }),
  };
}

export async function listFeatures(
  table: Table,
  workspace: string,
): Promise<{ sets: { set: string; dataset: string }[] }> {
  const sets = await listFeatureSets(table, workspace);
  return { sets: sets.map(({ set, dataset }) => ({ set, dataset })) };
}
