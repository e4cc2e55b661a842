import { TrackingErrors } from './errors.ts';
import {
  checkArtifactLocation,
  checkExperimentName,
  type Experiment,
  experimentView,
  requireActive,
} from './experiment.ts';
import {
  changeExperiment,
  createExperiment,
  ensureDefault,
  experimentByName,
  requireExperiment,
} from './experiment-store.ts';
import { list, message, required, text } from './fields.ts';
import { routesOf } from './mlflow-route.ts';
import { checkExperimentId, checkExperimentTag } from './names.ts';
import { merged, tagRemoval } from './run.ts';
import type { TrackingDeps } from './tracking-deps.ts';

const route = routesOf<TrackingDeps>();
const tags = list(message({ key: required(text()), value: text() }));
const pairs = (given: { key: string; value: string | undefined }[]) =>
  given.map(({ key, value = '' }) => ({ key, value }));

async function experimentOf(deps: TrackingDeps, ws: string, id: string): Promise<Experiment> {
  checkExperimentId(id);
  return requireExperiment(deps, ws, id);
}

const inactive = (id: string) => TrackingErrors.ExperimentMissing(`No Experiment with id=${id} exists`);

export const experimentRoutes = [
  route({
    method: 'POST',
    path: '/mlflow/experiments/create',
    access: 'write',
    input: { name: required(text()), artifact_location: text(), tags },
    async run(deps, { name, artifact_location, tags: given }, { workspace }) {
      checkExperimentName(name);
      if (artifact_location) checkArtifactLocation(artifact_location);
      for (const tag of pairs(given)) checkExperimentTag(tag);
      await ensureDefault(deps, workspace);
      const wish = { name, artifactLocation: artifact_location, tags: merged({}, pairs(given)) };
      return { experiment_id: (await createExperiment(deps, workspace, wish)).id };
    },
  }),
  route({
    method: 'GET',
    path: '/mlflow/experiments/get',
    access: 'read',
    input: { experiment_id: required(text()) },
    run: async (deps, input, { workspace }) => ({
      experiment: experimentView(await experimentOf(deps, workspace, input.experiment_id)),
    }),
  }),
  route({
    method: 'GET',
    path: '/mlflow/experiments/get-by-name',
    access: 'read',
    input: { experiment_name: required(text()) },
    async run(deps, { experiment_name: name }, { workspace }) {
      await ensureDefault(deps, workspace);
      const found = await experimentByName(deps.table, workspace, name);
      if (found) return { experiment: experimentView(found) };
      throw TrackingErrors.ExperimentMissing(`Could not find experiment with name '${name}'`);
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/experiments/delete',
    access: 'write',
    input: { experiment_id: required(text()) },
    async run(deps, { experiment_id: id }, { workspace }) {
      await experimentOf(deps, workspace, id);
      await changeExperiment(deps, workspace, id, (experiment) => {
        if (experiment.stage === 'deleted') throw inactive(id);
        return { ...experiment, stage: 'deleted', era: experiment.era + 1 };
      });
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/experiments/restore',
    access: 'write',
    input: { experiment_id: required(text()) },
    async run(deps, { experiment_id: id }, { workspace }) {
      await experimentOf(deps, workspace, id);
      await changeExperiment(deps, workspace, id, (experiment) => {
        if (experiment.stage === 'active') throw inactive(id);
        return { ...experiment, stage: 'active', era: experiment.era + 1 };
      });
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/experiments/update',
    access: 'write',
    input: { experiment_id: required(text()), new_name: required(text()) },
    async run(deps, { experiment_id: id, new_name: name }, { workspace }) {
      checkExperimentName(name);
      await experimentOf(deps, workspace, id);
      await changeExperiment(deps, workspace, id, (experiment) => {
        if (experiment.stage !== 'active')
          throw TrackingErrors.ExperimentInactive('Cannot rename a non-active experiment.');
        return experiment.name === name ? undefined : { ...experiment, name };
      });
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/experiments/set-experiment-tag',
    access: 'write',
    input: { experiment_id: required(text()), key: required(text()), value: text() },
    async run(deps, { experiment_id: id, key, value = '' }, { workspace }) {
      checkExperimentTag({ key, value });
      await experimentOf(deps, workspace, id);
      await changeExperiment(deps, workspace, id, (experiment) => {
        requireActive(experiment);
        return { ...experiment, tags: merged(experiment.tags, [{ key, value }]) };
      });
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/experiments/delete-experiment-tag',
    access: 'write',
    input: { experiment_id: required(text()), key: required(text()) },
    async run(deps, { experiment_id: id, key }, { workspace }) {
      await experimentOf(deps, workspace, id);
      const removed = tagRemoval(key, `No tag with name: ${key} in experiment with id ${id}`);
      await changeExperiment(deps, workspace, id, (experiment) => {
        requireActive(experiment);
        return removed(experiment);
      });
    },
  }),
];
