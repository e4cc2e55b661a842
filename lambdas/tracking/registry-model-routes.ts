import {
  createModel,
  deleteAlias,
  deleteModel,
  deleteModelTag,
  describeModel,
  renameModel,
  setAlias,
  setModelTag,
  stageNamed,
  versionOfAlias,
} from '../registry/contract.ts';
import { int, list, message, required, text } from './fields.ts';
import { routesOf } from './mlflow-route.ts';
import type { RegistryDeps } from './registry-deps.ts';
import { answered, byName, tagsGiven, versionNumber } from './registry-request.ts';
import { searchModels } from './registry-search.ts';
import { latestEntities, showModelEntity, showVersionEntity } from './registry-views.ts';

const route = routesOf<RegistryDeps>();
const Tag = message({ key: text(), value: text() });

/** Names and stages as a query or a body gives them. */
const LatestVersions = { name: required(text()), stages: list(text()) };

const latestVersions = (method: 'GET' | 'POST') =>
  route({
    method,
    path: '/mlflow/registered-models/get-latest-versions',
    access: 'read',
    input: LatestVersions,
    run: async ({ catalogue }, { name, stages }, { workspace }) => {
      const named = stages.map((stage) => stageNamed(stage ?? ''));
      const all = ['None', 'Staging', 'Production', 'Archived'];
      const found = await latestEntities(catalogue, workspace, name, named.length > 0 ? named : all);
      return found.length > 0 ? { model_versions: found } : {};
    },
  });

/** Registered models: what MLflow calls `registered-models/…`. */
export const registryModelRoutes = [
  route({
    method: 'POST',
    path: '/mlflow/registered-models/create',
    access: 'write',
    input: { name: required(text()), tags: list(Tag), description: text(), deployment_job_id: text() },
    run: async (deps, { name, tags, description }, { workspace, caller }) => {
      const change = {
        ...byName(deps, workspace, name, caller),
        description,
        tags: tagsGiven(tags),
        token: deps.newId(),
      };
      await answered(() => createModel(deps.catalogue, change));
      return { registered_model: await answered(() => showModelEntity(deps.catalogue, workspace, name)) };
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/registered-models/rename',
    access: 'write',
    input: { name: required(text()), new_name: required(text()) },
    run: async (deps, { name, new_name }, { workspace, caller }) => {
      const change = { ...byName(deps, workspace, name, caller), newName: new_name };
      await answered(() => renameModel(deps.catalogue, change));
      return { registered_model: await answered(() => showModelEntity(deps.catalogue, workspace, new_name)) };
    },
  }),
  route({
    method: 'PATCH',
    path: '/mlflow/registered-models/update',
    access: 'write',
    input: { name: required(text()), description: text(), deployment_job_id: text() },
    run: async (deps, { name, description = '' }, { workspace, caller }) => {
      await describeModel(deps.catalogue, { ...byName(deps, workspace, name, caller), description });
      return { registered_model: await showModelEntity(deps.catalogue, workspace, name) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/mlflow/registered-models/delete',
    access: 'write',
    input: { name: required(text()) },
    run: (deps, { name }, { workspace, caller }) => deleteModel(deps.catalogue, byName(deps, workspace, name, caller)),
  }),
  route({
    method: 'GET',
    path: '/mlflow/registered-models/get',
    access: 'read',
    input: { name: required(text()) },
    run: async ({ catalogue }, { name }, { workspace }) => ({
      registered_model: await showModelEntity(catalogue, workspace, name),
    }),
  }),
  route({
    method: 'GET',
    path: '/mlflow/registered-models/search',
    access: 'read',
    input: { filter: text(), max_results: int(), order_by: list(required(text())), page_token: text() },
    run: ({ catalogue }, search, { workspace }) => searchModels(catalogue, workspace, search),
  }),
  latestVersions('POST'),
  latestVersions('GET'),
  route({
    method: 'POST',
    path: '/mlflow/registered-models/set-tag',
    access: 'write',
    input: { name: required(text()), key: required(text()), value: text() },
    run: ({ catalogue }, { name, key, value = '' }, { workspace }) =>
      setModelTag(catalogue, { workspace, model: name, key, value }),
  }),
  route({
    method: 'DELETE',
    path: '/mlflow/registered-models/delete-tag',
    access: 'write',
    input: { name: required(text()), key: required(text()) },
    run: ({ catalogue }, { name, key }, { workspace }) => deleteModelTag(catalogue, { workspace, model: name, key }),
  }),
  route({
    method: 'POST',
    path: '/mlflow/registered-models/alias',
    access: 'write',
    input: { name: required(text()), alias: required(text()), version: required(text()) },
    run: async ({ catalogue, clock }, { name, alias, version }, { workspace, caller }) => {
      const at = clock().toISOString();
      await setAlias(catalogue, { workspace, model: name, alias, version: versionNumber(name, version), caller, at });
    },
  }),
  route({
    method: 'DELETE',
    path: '/mlflow/registered-models/alias',
    access: 'write',
    input: { name: required(text()), alias: required(text()) },
    run: ({ catalogue, clock }, { name, alias }, { workspace, caller }) =>
      deleteAlias(catalogue, { workspace, model: name, alias, caller, at: clock().toISOString() }),
  }),
  route({
    method: 'GET',
    path: '/mlflow/registered-models/alias',
    access: 'read',
    input: { name: required(text()), alias: required(text()) },
    run: async ({ catalogue }, { name, alias }, { workspace }) => {
      const version = await versionOfAlias(catalogue, workspace, name, alias);
      return { model_version: await showVersionEntity(catalogue, { workspace, model: name, version }) };
    },
  }),
];
