import { requireActive } from './experiment.ts';
import { requireExperiment } from './experiment-store.ts';
import { bool, int, list, message, oneOf, required, some, text } from './fields.ts';
import { searchLoggedModels } from './find-logged-models.ts';
import {
  checkModelName,
  checkModelType,
  type LoggedModel,
  loggedModelView,
  MODEL_STATUSES,
  modelParamOf,
  modelTagOf,
  wireStatus,
  withModelParams,
  withModelTags,
} from './logged-model.ts';
import { changeModel, putNewModel, requireModel } from './logged-model-store.ts';
import { routesOf } from './mlflow-route.ts';
import { checkExperimentId, checkRunId, type KeyValue } from './names.ts';
import { merged, tagRemoval } from './run.ts';
import type { TrackingDeps } from './tracking-deps.ts';

const route = routesOf<TrackingDeps>();
const pairs = list(message({ key: required(text()), value: text() }));
const pair = ({ key, value = '' }: { key: string; value: string | undefined }): KeyValue => ({ key, value });
const model_id = required(text());
const STATUSES = MODEL_STATUSES.map(wireStatus);

export const loggedModelRoutes = [
  route({
    method: 'POST',
    path: '/mlflow/logged-models',
    access: 'write',
    input: {
      experiment_id: required(text()),
      name: text(),
      model_type: text(),
      source_run_id: text(),
      params: pairs,
      tags: pairs,
    },
    async run(deps, input, { workspace }) {
      const { experiment_id: experimentId, model_type: modelType = '', source_run_id: sourceRunId = '' } = input;
      checkExperimentId(experimentId);
      checkModelName(input.name ?? '');
      checkModelType(modelType);
      if (sourceRunId !== '') checkRunId(sourceRunId);
      const params = input.params.map((param, i) => modelParamOf(pair(param), `params[${i}].`));
      const tags = input.tags.map((tag, i) => modelTagOf(pair(tag), `tags[${i}].`));
      const experiment = await requireExperiment(deps, workspace, experimentId);
      requireActive(experiment);
      const modelId = `m-${deps.newRunId()}`;
      const now = deps.clock().getTime();
      const bare: LoggedModel = {
        modelId,
        experimentId,
        name: input.name || deps.newRunName(),
        modelType,
        sourceRunId,
        artifactUri: `${experiment.artifactLocation.replace(/\/+$/, '')}/models/${modelId}/artifacts`,
        status: 'PENDING',
        stage: 'active',
        createdAt: now,
        updatedAt: now,
        params: {},
        tags: merged({}, tags),
      };
      const model = withModelParams(bare, params);
      await putNewModel(deps, workspace, model);
      return { model: loggedModelView(model, []) };
    },
  }),
  route({
    method: 'GET',
    path: '/mlflow/logged-models/{model_id}',
    access: 'read',
    input: { model_id, allow_deleted: bool() },
    async run({ table }, input, { workspace }) {
      const options = { allowDeleted: input.allow_deleted };
      const { model, points } = await requireModel(table, workspace, input.model_id, options);
      return { model: loggedModelView(model, points) };
    },
  }),
  route({
    method: 'PATCH',
    path: '/mlflow/logged-models/{model_id}',
    access: 'write',
    input: { model_id, status: required(oneOf(STATUSES, 0)) },
    async run(deps, input, { workspace }) {
      const status = MODEL_STATUSES[STATUSES.indexOf(input.status)] ?? 'UNSPECIFIED';
      const updatedAt = deps.clock().getTime();
      await changeModel(deps, workspace, input.model_id, (before) => ({ ...before, status, updatedAt }));
      const { model, points } = await requireModel(deps.table, workspace, input.model_id, { allowDeleted: true });
      return { model: loggedModelView(model, points) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/mlflow/logged-models/{model_id}',
    access: 'write',
    input: { model_id },
    async run(deps, input, { workspace }) {
      const updatedAt = deps.clock().getTime();
      await changeModel(deps, workspace, input.model_id, (before) => ({ ...before, stage: 'deleted', updatedAt }));
    },
  }),
  route({
    method: 'PATCH',
    path: '/mlflow/logged-models/{model_id}/tags',
    access: 'write',
    input: { model_id, tags: pairs },
    async run(deps, input, { workspace }) {
      const tags = input.tags.map((tag, i) => modelTagOf(pair(tag), `tags[${i}].`));
      await changeModel(deps, workspace, input.model_id, (before) => withModelTags(before, tags));
    },
  }),
  route({
    method: 'DELETE',
    // Clients do not encode a key, and a key may have slashes.
    path: '/mlflow/logged-models/{model_id}/tags/{tag_key+}',
    access: 'write',
    input: { model_id, tag_key: required(text()) },
    async run(deps, input, { workspace }) {
      const { model_id: modelId, tag_key: key } = input;
      const removed = tagRemoval(key, `No tag with key '${key}' found for model with ID '${modelId}'.`);
      await changeModel(deps, workspace, modelId, removed);
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/logged-models/{model_id}/params',
    access: 'write',
    input: { model_id, params: pairs },
    async run(deps, input, { workspace }) {
      const params = input.params.map((param, i) => modelParamOf(pair(param), `params[${i}].`));
      await changeModel(deps, workspace, input.model_id, (before) => withModelParams(before, params));
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/logged-models/search',
    access: 'read',
    input: {
      experiment_ids: some(list(required(text()))),
      filter: text(),
      datasets: list(message({ dataset_name: text(), dataset_digest: text() })),
      max_results: int(),
      order_by: list(message({ field_name: text(), ascending: bool(), dataset_name: text(), dataset_digest: text() })),
      page_token: text(),
    },
    async run(deps, input, { workspace }) {
      for (const id of input.experiment_ids) checkExperimentId(id);
      return searchLoggedModels(deps, workspace, {
        experimentIds: input.experiment_ids,
        filter: input.filter,
        datasets: input.datasets,
        orderBy: input.order_by,
        most: input.max_results,
        pageToken: input.page_token,
      });
    },
  }),
];
