import { showVersion } from '../registry/contract.ts';
import type { Table } from '../shared/table.ts';
import { requireModel } from './logged-model-store.ts';
import { checkRunId } from './names.ts';
import type { ArtifactOwners } from './owned-artifact-routes.ts';
import { versionNumber } from './registry-request.ts';
import { requireRun } from './run-store.ts';

/** Where runs, logged models and versions keep their artifacts; a deleted run's are still read. */
export const artifactOwners = (table: Table, catalogue: Table): ArtifactOwners => ({
  async run(workspace, runId) {
    checkRunId(runId);
    const { run } = await requireRun(table, workspace, runId);
    return { artifactUri: run.artifactUri };
  },
  async loggedModel(workspace, modelId) {
    const { model } = await requireModel(table, workspace, modelId);
    return { artifactUri: model.artifactUri };
  },
  async modelVersion(workspace, name, version) {
    const { storage, source = '' } = await showVersion(catalogue, workspace, name, versionNumber(name, version));
    return { artifactUri: storage ?? source };
  },
});
