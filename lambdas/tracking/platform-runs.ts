import { announcer } from './change-log.ts';
import { CONTEXT_TAG, type Dataset } from './dataset.ts';
import type { Datasets } from './dataset-store.ts';
import type { Experiment } from './experiment.ts';
import { createExperiment, type ExperimentDeps, ensureDefault, experimentByName } from './experiment-store.ts';
import type { LoggedModel } from './logged-model.ts';
import { putNewModel } from './logged-model-store.ts';
import { logPoints } from './metric-store.ts';
import { type KeyValue, LIMITS, truncated } from './names.ts';
import type { Point } from './point-block.ts';
import { merged, RUN_NAME_TAG, type Run, type RunStatus, withTags } from './run.ts';
import { changeRun, findRun, putNewRun, requireRun } from './run-store.ts';

/** A run that the platform itself makes: a training, say. */
export interface PlatformRun {
  /** 32 hex digits; the same id is the same run. */
  runId: string;
  /** The experiment's name; it is made where there is none. */
  experiment: string;
  name: string;
  /** Who asked for it. */
  userId: string;
  startedAt: Date;
  params: Record<string, string>;
  tags: Record<string, string>;
  /** What it reads. */
  dataset: Dataset;
}

export interface PlatformRunEnd {
  runId: string;
  status: Extract<RunStatus, 'FINISHED' | 'FAILED'>;
  endedAt: Date;
  points: readonly Point[];
  tags: Record<string, string>;
}

export interface PlatformRuns {
  /** Makes the run, or lets it run once more: a new attempt of what ended failed. */
  begin(workspace: string, run: PlatformRun): Promise<void>;
  /** Ends the run with what it measured; ending it again changes nothing. A run that never began stays unknown. */
  end(workspace: string, end: PlatformRunEnd): Promise<void>;
  /** Notes a model that lies among the run's files as its output: a logged model, one a run. */
  outputModel(workspace: string, runId: string, model: { name: string; artifactUri: string }): Promise<void>;
  /** Where the run's files belong; undefined for one that never began. */
  artifactUri(workspace: string, runId: string): Promise<string | undefined>;
}

/** Runs of the platform's own as MLflow runs, in the same store as everybody's. */
export function platformRuns({
  table,
  clock,
  locate,
  datasets,
}: ExperimentDeps & {
  datasets: Pick<Datasets, 'keep' | 'note'>;
}): PlatformRuns {
  const announce = announcer(table, clock);
  const experiments = { table, clock, locate };
  return {
    async begin(ws, wish) {
      const experiment = await experimentOf(experiments, ws, wish.experiment);
      const { runId } = wish;
      const input = { name: wish.dataset.name, digest: wish.dataset.digest, tags: TRAINING };
      await datasets.keep(ws, experiment.id, wish.dataset);
      await datasets.note(ws, experiment.id, input);
      await putNewRun({ table, announce }, ws, { ...newRun(experiment, wish), datasets: [input] });
      await changeRun(table, ws, runId, async (run) => {
        if (run.status === 'RUNNING') return run;
        await announce(ws, run.experimentId, runId);
        const { endTime: _ended, ...rest } = run;
        return { ...rest, status: 'RUNNING' };
      });
    },
    async outputModel(ws, runId, { name, artifactUri }) {
      const { run } = await requireRun(table, ws, runId);
      const modelId = `m-${runId}`;
      // Of the run: a step that is repeated makes the same model.
      const now = Number(run.startTime ?? 0);
      const model: LoggedModel = {
        ...{ modelId, experimentId: run.experimentId, name, modelType: '', sourceRunId: runId, artifactUri },
        ...{ status: 'READY', stage: 'active', createdAt: now, updatedAt: now, params: run.params, tags: {} },
      };
      await putNewModel({ table, announce }, ws, model);
      await announce(ws, run.experimentId, runId);
      await changeRun(table, ws, runId, (before) =>
        before.modelOutputs.length > 0 ? before : { ...before, modelOutputs: [{ modelId, step: 0 }] },
      );
    },
    artifactUri: async (ws, runId) => (await findRun(table, ws, runId))?.run.artifactUri,
    async end(ws, { runId, status, endedAt, points, tags }) {
      try {
        await changeRun(table, ws, runId, async (run) => {
          await announce(ws, run.experimentId, runId);
          return { ...withTags(run, pairs(tags)), status, endTime: endedAt.getTime() };
        });
      } catch (error) {
        if (error instanceof Error && error.name === 'RunUnknown') return;
        throw error;
      }
      for (let from = 0; from < points.length; from += LIMITS.metricsPerBatch)
        await logPoints(table, ws, runId, points.slice(from, from + LIMITS.metricsPerBatch));
    },
  };
}

/** As what a run read its dataset. */
const TRAINING: readonly KeyValue[] = [{ key: CONTEXT_TAG, value: 'training' }];

async function experimentOf(deps: ExperimentDeps, ws: string, name: string): Promise<Experiment> {
  const found = await experimentByName(deps.table, ws, name);
  if (found) return found;
  await ensureDefault(deps, ws);
  try {
    return await createExperiment(deps, ws, { name, tags: {} });
  } catch (error) {
    // Two trainings of a new model began at once.
    const other = await experimentByName(deps.table, ws, name);
    if (other) return other;
    throw error;
  }
}

const pairs = (record: Record<string, string>): KeyValue[] =>
  Object.entries(record).map(([key, value]) => ({ key, value: truncated(LIMITS.tagValue, value) }));

const newRun = (experiment: Experiment, { runId, name, userId, startedAt, params, tags }: PlatformRun): Run => ({
  runId,
  experimentId: experiment.id,
  name,
  userId,
  status: 'RUNNING',
  startTime: startedAt.getTime(),
  artifactUri: `${experiment.artifactLocation}/${runId}/artifacts`,
  stage: 'active',
  era: experiment.era,
  params: Object.fromEntries(Object.entries(params).map(([key, value]) => [key, truncated(LIMITS.paramValue, value)])),
  tags: merged({}, [...pairs(tags), { key: RUN_NAME_TAG, value: name }, { key: 'mlflow.user', value: userId }]),
  datasets: [],
  modelInputs: [],
  modelOutputs: [],
});
