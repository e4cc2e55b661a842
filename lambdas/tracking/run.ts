import { TrackingErrors } from './errors.ts';
import type { Experiment, Stage } from './experiment.ts';
import type { Int64 } from './int64.ts';
import type { KeyValue } from './names.ts';
import type { Point } from './point-block.ts';

/** MLflow's RunStatus, in protobuf's order from 1. */
export const RUN_STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export interface DatasetInput {
  name: string;
  digest: string;
  tags: readonly KeyValue[];
}
export interface ModelOutput {
  modelId: string;
  step: Int64;
}

/** A run without its metrics, which have items of their own. */
export interface Run {
  runId: string;
  experimentId: string;
  name: string;
  userId: string;
  status: RunStatus;
  /** Milliseconds since 1970, as the client says. */
  startTime?: Int64;
  endTime?: Int64;
  artifactUri: string;
  stage: Stage;
  /** The experiment's era in which `stage` was set. */
  era: number;
  params: Record<string, string>;
  tags: Record<string, string>;
  datasets: readonly DatasetInput[];
  /** Logged models that it read. */
  modelInputs: readonly string[];
  modelOutputs: readonly ModelOutput[];
}

export const RUN_NAME_TAG = 'mlflow.runName';

/** A run is deleted by itself or with its experiment, whichever came last. */
const stageOf = ({ stage, era }: Pick<Run, 'stage' | 'era'>, experiment: Pick<Experiment, 'stage' | 'era'>): Stage =>
  era === experiment.era ? stage : experiment.stage;

/** @throws RunInactive */
export function requireActiveRun(run: Run, experiment: Experiment): void {
  const stage = stageOf(run, experiment);
  if (stage === 'active') return;
  throw TrackingErrors.RunInactive(`The run ${run.runId} must be in the 'active' state. Current state is ${stage}.`);
}

/**
 * The run with these params; one that is there already may come again with the same value.
 * @throws ParamChanged
 */
export function withParams(run: Run, params: readonly KeyValue[], single: boolean): Run {
  const changed = params.filter(({ key, value }) => Object.hasOwn(run.params, key) && run.params[key] !== value);
  const [first] = changed;
  if (first && single) {
    throw TrackingErrors.ParamChanged(
      `Changing param values is not allowed. Param with key='${first.key}' was already logged with value='${run.params[first.key]}' for run ID='${run.runId}'. Attempted logging new value '${first.value}'.`,
    );
  }
  if (first) {
    const shown = changed.map(
      ({ key, value }) => `{'key': '${key}', 'old_value': '${run.params[key]}', 'new_value': '${value}'}`,
    );
    throw TrackingErrors.ParamChanged(
      `Changing param values is not allowed. Params were already logged='[${shown.join(', ')}]' for run ID='${run.runId}'.`,
    );
  }
  if (params.every(({ key }) => Object.hasOwn(run.params, key))) return run;
  return { ...run, params: merged(run.params, params) };
}

/** The run with these tags; the name and its tag are one thing. */
export function withTags(run: Run, tags: readonly KeyValue[]): Run {
  if (tags.length === 0) return run;
  const all = merged(run.tags, tags);
  return { ...run, tags: all, name: all[RUN_NAME_TAG] || run.name };
}

export const withName = (run: Run, name: string): Run => ({
  ...run,
  name,
  tags: merged(run.tags, [{ key: RUN_NAME_TAG, value: name }]),
});

/** A name like `__proto__` is a key as any other. */
export const merged = (into: Readonly<Record<string, string>>, pairs: readonly KeyValue[]): Record<string, string> =>
  Object.fromEntries([...Object.entries(into), ...pairs.map(({ key, value }) => [key, value])]);

/**
 * Takes a tag away, as often as one wish is tried: once it was there, finding it gone is as good, as an answer of the
 * store may have been lost.
 */
export function tagRemoval(key: string, missing: string) {
  let wasThere = false;
  return <T extends { tags: Record<string, string> }>(owner: T): T => {
    const { [key]: _gone, ...tags } = owner.tags;
    if (Object.hasOwn(owner.tags, key)) {
      wasThere = true;
      return { ...owner, tags };
    }
    if (wasThere) return owner;
    throw TrackingErrors.EntityTagMissing(missing);
  };
}

export const pairsOf = (record: Readonly<Record<string, string>>): KeyValue[] =>
  Object.entries(record).map(([key, value]) => ({ key, value }));

export const runInfoView = (run: Run, experiment: Pick<Experiment, 'stage' | 'era'>) => ({
  run_id: run.runId,
  run_uuid: run.runId,
  run_name: run.name,
  experiment_id: run.experimentId,
  user_id: run.userId,
  status: run.status,
  start_time: run.startTime,
  end_time: run.endTime,
  artifact_uri: run.artifactUri,
  lifecycle_stage: stageOf(run, experiment),
});

export const metricView = (point: Point) => ({
  key: point.key,
  value: point.value,
  timestamp: point.timestamp,
  step: point.step,
  model_id: point.modelId,
  dataset_name: point.datasetName,
  dataset_digest: point.datasetDigest,
});
