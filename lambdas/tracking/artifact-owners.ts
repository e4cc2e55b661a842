import type { Table } from '../shared/table.ts';
import { checkRunId } from './names.ts';
import type { ArtifactOwners } from './owned-artifact-routes.ts';
import { requireRun } from './run-store.ts';

/** Where runs keep their artifacts; a deleted one's are still read. */
export const artifactOwners = (table: Table): Pick<ArtifactOwners, 'run'> => ({
  async run(workspace, runId) {
    checkRunId(runId);
    const { run } = await requireRun(table, workspace, runId);
    return { artifactUri: run.artifactUri };
  },
});
