import type { Table } from '../shared/table.ts';
import { withRegistration } from './logged-model.ts';
import { changeModel, findModels } from './logged-model-store.ts';
import type { VersionSources } from './registry-deps.ts';
import { type Announce, findRun } from './run-store.ts';

/** Runs and logged models as the registry asks for them. */
export const versionSources = (deps: { table: Table; announce: Announce }): VersionSources => ({
  runArtifacts: async (workspace, runId) => (await findRun(deps.table, workspace, runId))?.run.artifactUri,
  async loggedModel(workspace, modelId) {
    const [found] = await findModels(deps.table, workspace, [modelId]);
    if (found?.model.stage !== 'active') return undefined;
    const { artifactUri, sourceRunId } = found.model;
    return { artifactUri, ...(sourceRunId && { sourceRunId }) };
  },
  async recordVersion(workspace, modelId, version) {
    await changeModel(deps, workspace, modelId, (model) => withRegistration(model, version));
  },
});
