import { commit } from '../lineage/contract.ts';
import type { Clock } from '../shared/clock.ts';
import { derivedId } from '../shared/ids.ts';
import { ConditionUnmet, type Item, type Key, type Table, type Write } from '../shared/table.ts';
import { currentDatasetSpec, type DatasetHead } from './dataset-head.ts';
import type { DatasetSpec } from './dataset-spec.ts';
import type { DatasetVersionFact } from './versions.ts';

/** EventBridge source `millrace.data`: a dataset has had no new version for longer than its spec expects. */
export const DATASET_STALE = 'DatasetStale';

/** A dataset that is expected to have news: one small item in the one partition that the check reads. */
interface WatchedDataset {
  workspace: string;
  dataset: string;
  everyHours: number;
  /** When the newest version came; before the first, when the dataset was made. */
  since: string;
  /** The `since` whose staleness was told. */
  told?: string;
}

/** No workspace is called so: what stands there is the stage's. */
const PARTITION = '*#watched-datasets';
const watchKey = (ws: string, dataset: string): Key => ({ pk: PARTITION, sk: `${ws}/${dataset}` });

/** Goes into the transaction that changes a dataset's head, beside its line in the catalogue. */
export function watchRows(ws: string, head: DatasetHead, spec: DatasetSpec, latest?: DatasetVersionFact): Write[] {
  const everyHours = spec.expect?.everyHours;
  // Nothing is ever taken back here: whether a spec still expects something is asked of those that seem stale.
  if (everyHours === undefined) return [];
  const since = latest?.registeredAt ?? head.createdAt;
  return [{ put: { ...watchKey(ws, head.dataset), workspace: ws, dataset: head.dataset, everyHours, since } }];
}

/** Figures of one moment, by the metric's name. @throws ServiceUnavailable */
export type PublishFigures = (figures: Readonly<Record<string, number>>) => Promise<void>;

/** The stage's figures, and what the name of a dataset's own begins with. */
export const DATA_METRICS = {
  stale: 'DatasetsStale',
  refusing: 'DatasetsRefusing',
  unusualVolume: 'DatasetVolumeUnusual',
} as const;
export type DataMetric = keyof typeof DATA_METRICS;

export const dataMetricNamespace = (stage: string): string => `Millrace/${stage}/Data`;
/** One name for each dataset, so that an alarm can be about it alone. */
export const datasetMetric = (metric: DataMetric, ws: string, dataset: string): string =>
  `${DATA_METRICS[metric]}/${ws}/${dataset}`;

export interface CheckDatasetsDeps {
  table: Table;
  publish: PublishFigures;
  clock: Clock;
}

export interface DatasetsChecked {
  /** How many had an expectation at some time. */
  watched: number;
  /** `<workspace>/<dataset>` of those without news, for the execution's page. */
  stale: string[];
}

const HOUR_MS = 3_600_000;
/** Of an execution's output; the metric counts all. */
const NAMED = 1000;

/**
 * Finds datasets that nothing has come for. Each time that one becomes stale is told once, as an event; the figures are
 * told at every check, as long as there is something to tell, so that an idle stage has none to pay for.
 */
export async function checkDatasets({ table, publish, clock }: CheckDatasetsDeps): Promise<DatasetsChecked> {
  const now = clock().getTime();
  const watched = (await table.query(PARTITION)) as unknown as (Item & WatchedDataset)[];
  const stale: (Item & WatchedDataset)[] = [];
  for (const each of watched) {
    if (now - Date.parse(each.since) <= each.everyHours * HOUR_MS) continue;
    const spec = await currentDatasetSpec(table, each.workspace, each.dataset);
    if (spec?.expect?.everyHours === undefined) continue;
    stale.push(each);
    if (each.told !== each.since) await tell(table, each);
  }
  if (stale.length > 0) {
    const own = stale.map(({ workspace, dataset }) => [datasetMetric('stale', workspace, dataset), 1]);
    await publish({ [DATA_METRICS.stale]: stale.length, ...Object.fromEntries(own) });
  }
  const names = stale.map(({ workspace, dataset }) => `${workspace}/${dataset}`);
  return { watched: watched.length, stale: names.slice(0, NAMED) };
}

async function tell(table: Table, watch: Item & WatchedDataset): Promise<void> {
  const { workspace, dataset, since, everyHours } = watch;
  try {
    await commit(table, {
      facts: [{ put: { ...watch, told: since } as unknown as Item, when: { equals: { since } } }],
      event: {
        id: derivedId(DATASET_STALE, workspace, dataset, since),
        workspace,
        domain: 'data',
        type: DATASET_STALE,
        detail: { dataset, since, everyHours },
      },
    });
  } catch (error) {
    // A version came between: it is not stale any more.
    if (!(error instanceof ConditionUnmet)) throw error;
  }
}
