import type { Table } from '../shared/table.ts';
import { specOf } from './dataset-head.ts';
import { DATA_METRICS, type DataMetric, datasetMetric, type PublishFigures } from './dataset-watch.ts';
import { DataErrors } from './errors.ts';
import { datasetVersion } from './versions.ts';

/** What became of a file, as its event says: a version, or the name of the error that it was refused by. */
export interface IngestionNews {
  workspace: string;
  dataset: string;
  version?: string;
  error?: string;
}

/** A file that is of another shape than the spec: who sends it has changed something. */
const SCHEMA_CHANGES: readonly string[] = ['HeaderMismatch', 'ColumnTypeMismatch'];

/** Says as a figure what somebody should look at; an event that comes twice says the same twice. */
export async function watchIngestion(
  { table, publish }: { table: Table; publish: PublishFigures },
  { workspace, dataset, version, error }: IngestionNews,
): Promise<void> {
  const say = (metric: DataMetric) =>
    publish({ [DATA_METRICS[metric]]: 1, [datasetMetric(metric, workspace, dataset)]: 1 });
  if (error !== undefined) {
    if (SCHEMA_CHANGES.includes(error)) await say('refusing');
    return;
  }
  const fact = await datasetVersion(table, workspace, dataset, version as `sha256:${string}`);
  if (!fact) throw DataErrors.DatasetVersionMissing(`version: got ${version}, dataset ${dataset} has no such version`);
  const parent = fact.parent && (await datasetVersion(table, workspace, dataset, fact.parent));
  const { expect } = await specOf(table, workspace, fact.spec);
  if (!parent || expect?.rowsWithinPercent === undefined) return;
  const percent = (Math.abs(fact.rows - parent.rows) / parent.rows) * 100;
  if (percent > expect.rowsWithinPercent) await say('unusualVolume');
}
