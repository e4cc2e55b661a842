import { hexOf } from '../shared/digest.ts';
import type { PlatformRuns } from '../tracking/contract.ts';
import type { Measured } from './metric-histories.ts';
import type { RunFact } from './run.ts';
import type { RunName } from './run-files.ts';
import type { TrainingContext } from './training-context.ts';

/** Training runs are MLflow runs: in the experiment of the model's name, under the run's own id. */
export function beginTracking(
  runs: PlatformRuns,
  { workspace }: RunName,
  { run, spec, data }: Pick<TrainingContext, 'run' | 'spec' | 'data'>,
): Promise<void> {
  const { kind, ...trainer } = spec.trainer;
  return runs.begin(workspace, {
    runId: run.runId,
    experiment: run.model,
    name: `${run.model}-${run.startedAt}`,
    userId: run.actor,
    startedAt: new Date(run.startedAt),
    params: {
      trainer: kind,
      ...Object.fromEntries(Object.entries(trainer).map(([name, value]) => [name, textOf(value)])),
      target: `${spec.target.column} above ${spec.target.above}, ${spec.target.ahead} ahead`,
      features: spec.features.join(', '),
      dataset: run.dataset,
      dataset_version: run.datasetVersion,
    },
    tags: {
      'millrace.spec': run.spec,
      'millrace.reason': run.reason,
      'millrace.attempt': String(run.attempt),
      'millrace.dataset': `${data.dataset}/${data.number}`,
      'mlflow.source.git.commit': run.commit,
      'mlflow.source.name': 'millrace/train-model',
      'mlflow.source.type': 'JOB',
    },
    dataset: {
      name: run.dataset,
      // MLflow's digests have 36 characters at most; the whole one is a parameter, and in the source.
      digest: hexOf(run.datasetVersion).slice(0, 32),
      sourceType: 'millrace',
      source: JSON.stringify({ dataset: run.dataset, version: run.datasetVersion, number: data.number }),
      profile: JSON.stringify({ num_rows: data.rows }),
    },
  });
}

/** Says how a training ended: its metrics on the test split, those of its steps, and what became of it. */
export function endTracking(
  runs: PlatformRuns,
  workspace: string,
  run: RunFact,
  { histories = {}, historiesRefused }: Measured,
): Promise<void> {
  const endedAt = new Date(run.endedAt ?? run.startedAt);
  const timestamp = endedAt.getTime();
  const measured = Object.entries(run.metrics ?? {}).map(([key, value]) => ({ key, value, timestamp, step: 0 }));
  // Of two metrics of one name the one that the platform measured counts.
  const others = Object.entries(histories).filter(([key]) => !Object.hasOwn(run.metrics ?? {}, key));
  const curves = others.flatMap(([key, history]) =>
    history.map(([step, value]) => ({ key, value: value ?? Number.NaN, timestamp, step })),
  );
  return runs.end(workspace, {
    runId: run.runId,
    status: run.status === 'failed' ? 'FAILED' : 'FINISHED',
    endedAt,
    points: [...measured, ...curves],
    tags: {
      'millrace.status': run.status,
      ...(historiesRefused && { 'millrace.metrics': historiesRefused }),
      ...(run.version !== undefined && { 'millrace.model_version': `${run.model}/${run.version}` }),
      ...(run.bundle && { 'millrace.bundle': run.bundle }),
      ...(run.reusedFrom && { 'millrace.reused_from': run.reusedFrom }),
      ...(run.error && { 'millrace.error': `${run.error.name}: ${run.error.message}` }),
    },
  });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
