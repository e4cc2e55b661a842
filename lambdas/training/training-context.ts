import {
  type DatasetVersionFact,
  datasetVersion,
  type Manifest,
  readManifest,
  requireReadable,
} from '../data/contract.ts';
import type { ObjectStore } from '../shared/objects.ts';
import type { Table } from '../shared/table.ts';
import { specFact } from './applied-spec.ts';
import { TrainingErrors } from './errors.ts';
import { type LabelledRows, labelRows } from './labelled-rows.ts';
import type { ModelSpec } from './model-spec.ts';
import { readSplit } from './parquet-rows.ts';
import type { RunFact } from './run.ts';
import type { RunName } from './run-files.ts';
import { requireRun } from './run-store.ts';

/** What a run trains: its spec and its data, as they were when it began. */
export interface TrainingContext {
  run: RunFact;
  spec: ModelSpec;
  data: DatasetVersionFact;
  manifest: Manifest;
}

export interface ContextDeps {
  table: Table;
  /** The curated zone. */
  curated: ObjectStore;
}

/** @throws RunMissing, SpecMissing, TrainingDatasetMissing, DatasetVersionDeleted */
export async function readContext(
  { table, curated }: ContextDeps,
  { workspace, runId }: RunName,
): Promise<TrainingContext> {
  const run = await requireRun(table, workspace, runId);
  const stored = await specFact(table, workspace, run.spec);
  if (!stored) throw TrainingErrors.SpecMissing(`run ${runId}: its spec ${run.spec} is not in the catalogue`);
  const data = await datasetVersion(table, workspace, run.dataset, run.datasetVersion);
  if (!data) {
    throw TrainingErrors.TrainingDatasetMissing(
      `run ${runId}: dataset ${run.dataset} has no version ${run.datasetVersion}`,
    );
  }
  requireReadable(data);
  return { run, spec: stored.spec, data, manifest: await readManifest(curated, data) };
}

/**
 * One split's rows, labelled.
 * @param features Columns to read as features. @default the spec's
 * @throws TrainingRowsUnusable when no row is left
 */
export async function readLabelled(
  curated: ObjectStore,
  { spec, manifest }: Pick<TrainingContext, 'spec' | 'manifest'>,
  split: 'train' | 'test',
  features: readonly string[] = spec.features,
): Promise<LabelledRows> {
  const { target } = spec;
  const columns = [...features, target.column, target.order, ...(target.within === undefined ? [] : [target.within])];
  const rows = await readSplit(curated, manifest, split, columns);
  const orderedByDay = manifest.columns[target.order]?.type === 'date';
  const labelled = labelRows(rows, { target, features: [...features] }, orderedByDay);
  if (labelled.labels.length > 0) return labelled;
  throw TrainingErrors.TrainingRowsUnusable(
    `${split} split of ${manifest.dataset}: got ${rows.length} rows, none has ${target.column} ${target.ahead} steps later and every feature`,
  );
}
