import { withRegistration } from './logged-model.ts';
import { changeModel, findModel } from './logged-model-store.ts';
import type { VersionSources } from './registry-deps.ts';
import { findRun } from './run-store.ts';
import type { TrackingDeps } from './tracking-deps.ts';

/** What the registry asks of runs and logged models. */
export const versionSources = (deps: Pick<TrackingDeps, 'table' | 'announce'>): VersionSources => ({
  async runArtifacts(workspace, runId) {
    return (await findRun(deps.table, workspace, runId))?.run.artifactUri;
  },
  async loggedModel(workspace, modelId) {
    const found = await findModel(deps.table, workspace, modelId);
    if (!found || found.model.stage === 'deleted') return undefined;
    const { artifactUri, sourceRunId } = found.model;
    return { artifactUri, ...(sourceRunId !== '' && { sourceRunId }) };
  },
  async recordVersion(workspace, modelId, version) {
    await changeModel(deps, workspace, modelId, (model) => withRegistration(model, version));
  },
});
