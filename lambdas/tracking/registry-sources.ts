import type { Table } from '../shared/table.ts';
import { isOwnLocation } from './artifact-path.ts';
import type { Announce } from './change-log.ts';
import { withModelTags } from './logged-model.ts';
import { changeModel, findModel } from './logged-model-store.ts';
import type { VersionSources } from './registry-deps.ts';
import { findRun } from './run-store.ts';

/** What the registry's client keeps on a logged model, and MLflow's own server too. */
const VERSIONS_TAG = 'mlflow.modelVersions';

/** Runs and logged models as the registry asks for them. */
export const versionSources = (deps: {
  table: Table;
  announce: Announce;
  /** Of the artifacts. */
  bucket: string;
}): VersionSources => ({
  isOwn: (workspace, uri) => isOwnLocation(uri, { workspace, bucket: deps.bucket }),
  runArtifacts: async (workspace, runId) => (await findRun(deps.table, workspace, runId))?.run.artifactUri,
  async loggedModel(workspace, modelId) {
    const found = await findModel(deps.table, workspace, modelId);
    if (found?.model.stage !== 'active') return undefined;
    const { artifactUri, sourceRunId } = found.model;
    return { artifactUri, ...(sourceRunId && { sourceRunId }) };
  },
  async recordVersion(workspace, modelId, version) {
    await changeModel(deps, workspace, modelId, (model) => {
      const known = versionsIn(Object.hasOwn(model.tags, VERSIONS_TAG) ? model.tags[VERSIONS_TAG] : undefined);
      const isKnown = known.some((each) => each['name'] === version.name && each['version'] === version.version);
      return isKnown
        ? model
        : withModelTags(model, [{ key: VERSIONS_TAG, value: JSON.stringify([...known, version]) }]);
    });
  },
});

/** Anybody may set the tag to anything: what is no list begins anew. */
function versionsIn(text: string | undefined): Record<string, unknown>[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list.filter((each) => each !== null && typeof each === 'object') : [];
  } catch {
    return [];
  }
}
