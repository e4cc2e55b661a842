import { changeActiveRun } from './active-run.ts';
import { checkDataset, DATASET_LIMITS, firstOfEach, sameDataset } from './dataset.ts';
import { TrackingErrors } from './errors.ts';
import { int64, list, message, required, text } from './fields.ts';
import { type Int64, narrowed } from './int64.ts';
import { routesOf } from './mlflow-route.ts';
import { historyEntryOf, withHistoryEntry } from './model-history.ts';
import { checkExperimentId, checkLength } from './names.ts';
import type { DatasetInput, Run } from './run.ts';
import type { TrackingDeps } from './tracking-deps.ts';

const route = routesOf<TrackingDeps>();

const dataset = message({
  name: required(text()),
  digest: required(text()),
  source_type: text(),
  source: text(),
  schema: text(),
  profile: text(),
});
const tags = list(message({ key: required(text()), value: text() }));

/** Experiments of one search for datasets, and summaries of its answer. */
const MOST_EXPERIMENTS = 20;
const MOST_SUMMARIES = 1000;

export const inputRoutes = [
  route({
    method: 'POST',
    path: '/mlflow/runs/log-inputs',
    access: 'write',
    input: {
      run_id: required(text()),
      datasets: list(message({ dataset, tags })),
      models: list(message({ model_id: required(text()) })),
    },
    async run(deps, { run_id: runId, datasets, models }, { workspace }) {
      const given = datasets.map(({ dataset: { source_type: sourceType = '', source = '', ...of }, tags: own }) => ({
        dataset: { ...of, sourceType, source },
        tags: own.map(({ key, value = '' }) => ({ key, value })),
      }));
      if (given.length > DATASET_LIMITS.perCall) {
        throw TrackingErrors.RequestInvalid(
          `datasets: got ${given.length}, at most ${DATASET_LIMITS.perCall} are taken in one call`,
        );
      }
      for (const each of given) checkDataset(each);
      const modelIds = models.map(({ model_id: id }) => modelIdOf(id));
      const known = firstOfEach(given);
      // Nothing is kept for a run that does not take inputs.
      const { run } = await changeActiveRun(deps, workspace, runId, (before) => before);
      await Promise.all(known.map((each) => deps.datasets.keep(workspace, run.experimentId, each.dataset)));
      const { run: after } = await changeActiveRun(deps, workspace, runId, (before) =>
        withModelInputs(
          withDatasets(
            before,
            known.map(({ dataset: { name, digest }, tags: own }) => ({ name, digest, tags: own })),
          ),
          modelIds,
        ),
      );
      const noted = after.datasets.filter((input) => known.some((each) => sameDataset(each.dataset, input)));
      await Promise.all(noted.map((input) => deps.datasets.note(workspace, run.experimentId, input)));
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/runs/outputs',
    access: 'write',
    input: { run_id: required(text()), models: list(message({ model_id: required(text()), step: int64() })) },
    async run(deps, { run_id: runId, models }, { workspace }) {
      const outputs = models.map(({ model_id: id, step = 0n }) => ({ modelId: modelIdOf(id), step: narrowed(step) }));
      await changeActiveRun(deps, workspace, runId, (run) => withModelOutputs(run, outputs));
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/runs/log-model',
    access: 'write',
    input: { run_id: required(text()), model_json: required(text()) },
    async run(deps, { run_id: runId, model_json: json }, { workspace }) {
      const entry = historyEntryOf(json);
      await changeActiveRun(deps, workspace, runId, (run) => withHistoryEntry(run, entry));
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/experiments/search-datasets',
    access: 'read',
    input: { experiment_ids: list(required(text())) },
    async run({ datasets }, { experiment_ids }, { workspace }) {
      const ids = [...new Set(experiment_ids)];
      if (ids.length === 0) {
        throw TrackingErrors.RequestInvalid('SearchDatasets request must specify at least one experiment_id.');
      }
      if (experiment_ids.length > MOST_EXPERIMENTS) {
        throw TrackingErrors.RequestInvalid(
          `SearchDatasets request cannot specify more than ${MOST_EXPERIMENTS} experiment_ids. Received ${experiment_ids.length} experiment_ids.`,
        );
      }
      for (const id of ids) checkExperimentId(id);
      const found = await Promise.all(ids.map((id) => datasets.summaries(workspace, id, MOST_SUMMARIES)));
      return { dataset_summaries: found.flat().slice(0, MOST_SUMMARIES) };
    },
  }),
];

/** Any id is taken, as a run may name a model of another server. @throws RequestInvalid */
function modelIdOf(id: string): string {
  checkLength('model_id', 255, id);
  return id;
}

/** A dataset that the run has already keeps its tags. */
function withDatasets(run: Run, inputs: readonly DatasetInput[]): Run {
  const fresh = inputs.filter((input) => !run.datasets.some((other) => sameDataset(other, input)));
  return fresh.length === 0 ? run : { ...run, datasets: [...run.datasets, ...fresh] };
}

function withModelInputs(run: Run, modelIds: readonly string[]): Run {
  const all = new Set([...run.modelInputs, ...modelIds]);
  return all.size === run.modelInputs.length ? run : { ...run, modelInputs: [...all] };
}

/** A model is an output once, at the step that was said last. */
function withModelOutputs(run: Run, outputs: readonly { modelId: string; step: Int64 }[]): Run {
  const steps = new Map(run.modelOutputs.map(({ modelId, step }) => [modelId, step]));
  const changed = outputs.filter(({ modelId, step }) => steps.get(modelId) !== step);
  if (changed.length === 0) return run;
  for (const { modelId, step } of outputs) steps.set(modelId, step);
  return { ...run, modelOutputs: [...steps].map(([modelId, step]) => ({ modelId, step })) };
}
