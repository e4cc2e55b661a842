import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';
import type { NamedSet } from './feature-answers.ts';
import { STALE_HOURS } from './feature-routes.ts';
import { type FeatureSetHead, featureSetOf, listFeatureSets } from './feature-set.ts';
import { type OnlineState, onlineState } from './online-table.ts';
import { latestDatasetVersion, numberedDatasetVersion } from './versions.ts';

export interface FeaturesAsked {
  workspace?: string;
  dataset?: string;
  set?: string;
}

/** One figure of the stage's own metrics. */
export type PublishGauge = (name: string, value: number) => Promise<void>;

export interface FindFeaturesDeps {
  table: Table;
  online: Table;
  publish: PublishGauge;
  clock: Clock;
}

/** One metric name for each set. */
const staleHoursOf = ({ workspace, set }: NamedSet): string => `${workspace}-${set}-${STALE_HOURS}`;

/**
 * The sets that are not what their definition and their dataset's latest version say: of one dataset that has news, or of
 * the stage. How long they have been so is published, whatever becomes of this attempt to change it.
 */
export async function findFeatures(deps: FindFeaturesDeps, asked: FeaturesAsked): Promise<{ sets: NamedSet[] }> {
  const known = await listFeatureSets(deps.table, asked.workspace);
  const meant = known.filter(
    ({ dataset, set }) => (asked.dataset ?? dataset) === dataset && (asked.set ?? set) === set,
  );
  const found: NamedSet[] = [];
  let worst = 0;
  for (const { workspace, set } of meant) {
    const named = { workspace, set };
    const { current, hours } = await staleness(deps, named);
    if (!current) found.push(named);
    worst = Math.max(worst, hours);
    await deps.publish(staleHoursOf(named), hours);
  }
  if (meant.length > 0) await deps.publish(STALE_HOURS, worst);
  return { sets: found };
}

export interface Staleness {
  current: boolean;
  /** Since when there has been something newer than the online table, in hours. */
  hours: number;
}

export async function staleness(
  { table, online, clock }: Pick<FindFeaturesDeps, 'table' | 'online' | 'clock'>,
  named: NamedSet,
): Promise<Staleness> {
  const state = await onlineState(online, named);
  const head = await featureSetOf(table, named);
  const latest = head && (await latestDatasetVersion(table, named.workspace, head.dataset));
  if (!head || !latest) return { current: true, hours: 0 };
  const since = await staleSince(table, named.workspace, head, latest, state);
  const hours = since === undefined ? 0 : Math.max(0, clock().getTime() - Date.parse(since)) / 3_600_000;
  return { current: since === undefined && state.begun.length === 0, hours };
}

async function staleSince(
  table: Table,
  workspace: string,
  { dataset, revision, appliedAt }: FeatureSetHead,
  latest: { number: number; registeredAt: string },
  { materialised }: OnlineState,
): Promise<string | undefined> {
  if (!materialised) {
    const first = (await numberedDatasetVersion(table, workspace, dataset, 1)) ?? latest;
    return first.registeredAt > appliedAt ? first.registeredAt : appliedAt;
  }
  if (materialised.revision !== revision) return appliedAt;
  if (materialised.number >= latest.number) return undefined;
  return ((await numberedDatasetVersion(table, workspace, dataset, materialised.number + 1)) ?? latest).registeredAt;
}
