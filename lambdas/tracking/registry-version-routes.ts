import {
  createCandidate,
  deleteVersion,
  deleteVersionTag,
  describeVersion,
  isPrompt,
  moveToStage,
  setVersionTag,
  showTaggedVersion,
} from '../registry/contract.ts';
import { bool, int, list, message, required, text } from './fields.ts';
import { routesOf } from './mlflow-route.ts';
import type { RegistryDeps } from './registry-deps.ts';
import { answered, byName, byVersion, tagsGiven } from './registry-request.ts';
import { searchVersions } from './registry-search.ts';
import { checkPromptSource, checkSource } from './registry-source.ts';
import { showVersionEntity } from './registry-views.ts';

const route = routesOf<RegistryDeps>();
const Tag = message({ key: text(), value: text() });
const named = { name: required(text()), version: required(text()) };

/** Model versions: what MLflow calls `model-versions/…`. */
export const registryVersionRoutes = [
  route({
    method: 'POST',
    path: '/mlflow/model-versions/create',
    access: 'write',
    input: {
      name: required(text()),
      source: required(text()),
      run_id: text(),
      tags: list(Tag),
      run_link: text(),
      description: text(),
      model_id: text(),
    },
    run: async (
      deps,
      { name, source, run_id, tags: given, run_link, description, model_id },
      { workspace, caller },
    ) => {
      const { catalogue, sources } = deps;
      const tags = tagsGiven(given);
      const prompt = isPrompt(tags);
      const checked = prompt
        ? { ...checkPromptSource(source), runId: run_id, modelId: model_id }
        : await checkSource(deps, workspace, { source, run_id, model_id });
      const change = { ...byName(deps, workspace, name, caller), ...checked, tags, token: deps.newId() };
      const { version } = await answered(() =>
        createCandidate(catalogue, { ...change, runLink: run_link, description }),
      );
      // From here on the version is there: whatever fails is tried again, and never told as a failure of all.
      const { modelId } = checked;
      if (modelId && !prompt) {
        await answered(() => sources.recordVersion(workspace, modelId, { name, version: String(version) }));
      }
      return { model_version: await answered(() => showVersionEntity(catalogue, { workspace, model: name, version })) };
    },
  }),
  route({
    method: 'PATCH',
    path: '/mlflow/model-versions/update',
    access: 'write',
    input: { ...named, description: text() },
    run: async ({ catalogue, clock }, { name, version, description }, { workspace }) => {
      const which = byVersion(workspace, name, version);
      await describeVersion(catalogue, { ...which, description, at: clock().toISOString() });
      return { model_version: await showVersionEntity(catalogue, which) };
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/model-versions/transition-stage',
    access: 'write',
    input: { ...named, stage: required(text()), archive_existing_versions: bool() },
    run: async ({ catalogue, clock }, { name, version, stage, archive_existing_versions }, { workspace }) => {
      const which = byVersion(workspace, name, version);
      const at = clock().toISOString();
      await moveToStage(catalogue, { ...which, stage, archive: archive_existing_versions, at });
      return { model_version: await showVersionEntity(catalogue, which) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/mlflow/model-versions/delete',
    access: 'write',
    input: named,
    run: (deps, { name, version }, { workspace, caller }) =>
      deleteVersion(deps.catalogue, {
        ...byName(deps, workspace, name, caller),
        ...byVersion(workspace, name, version),
      }),
  }),
  route({
    method: 'GET',
    path: '/mlflow/model-versions/get',
    access: 'read',
    input: named,
    run: async ({ catalogue }, { name, version }, { workspace }) => ({
      model_version: await showVersionEntity(catalogue, byVersion(workspace, name, version)),
    }),
  }),
  route({
    method: 'GET',
    path: '/mlflow/model-versions/search',
    access: 'read',
    input: { filter: text(), max_results: int(), order_by: list(required(text())), page_token: text() },
    run: ({ catalogue }, search, { workspace }) => searchVersions(catalogue, workspace, search),
  }),
  route({
    method: 'GET',
    path: '/mlflow/model-versions/get-download-uri',
    access: 'read',
    input: named,
    run: async ({ catalogue }, { name, version }, { workspace }) => {
      const { fact } = await showTaggedVersion(catalogue, byVersion(workspace, name, version));
      return { artifact_uri: fact.storage ?? fact.source ?? '' };
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/model-versions/set-tag',
    access: 'write',
    input: { ...named, key: required(text()), value: text() },
    run: ({ catalogue }, { name, version, key, value = '' }, { workspace }) =>
      setVersionTag(catalogue, { ...byVersion(workspace, name, version), key, value }),
  }),
  route({
    method: 'DELETE',
    path: '/mlflow/model-versions/delete-tag',
    access: 'write',
    input: { ...named, key: required(text()) },
    run: ({ catalogue }, { name, version, key }, { workspace }) =>
      deleteVersionTag(catalogue, { ...byVersion(workspace, name, version), key }),
  }),
];
