import type { PackedItem } from '../shared/table.ts';
import type { Experiment } from './experiment.ts';
import { findExperiment } from './experiment-store.ts';
import { checkRunId } from './names.ts';
import { type Run, requireActiveRun } from './run.ts';
import { changeRun, runKey } from './run-store.ts';
import type { TrackingDeps } from './tracking-deps.ts';

export async function experimentOfRun(
  table: TrackingDeps['table'],
  ws: string,
  { experimentId }: Pick<Run, 'experimentId'>,
): Promise<Experiment> {
  return (await findExperiment(table, ws, experimentId)) as Experiment;
}

/**
 * Changes a run that is active, after the search index has been told.
 * @param also Keys of the run's partition that the caller wants read together with it
 */
export async function changeActiveRun(
  deps: Pick<TrackingDeps, 'table' | 'announce'>,
  ws: string,
  runId: string,
  plan: (run: Run, items: readonly PackedItem[]) => Run,
  also: readonly string[] = [],
): Promise<{ run: Run; experiment: Experiment; items: readonly PackedItem[] }> {
  checkRunId(runId);
  const key = runKey(ws, runId);
  const items = await deps.table.getMany([key, ...also.map((sk) => ({ pk: key.pk, sk }))]);
  let experiment: Experiment | undefined;
  const run = await changeRun(
    deps.table,
    ws,
    runId,
    async (before) => {
      if (!experiment) {
        const announced = deps.announce(ws, before.experimentId, runId);
        experiment = await experimentOfRun(deps.table, ws, before);
        await announced;
      }
      requireActiveRun(before, experiment);
      return plan(before, items);
    },
    items.length > 0 ? { first: items } : {},
  );
  return { run, experiment: experiment ?? (await experimentOfRun(deps.table, ws, run)), items };
}
