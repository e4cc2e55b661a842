import type { Item, PackedItem } from '../shared/table.ts';
import { type Experiment, experimentOf } from './experiment.ts';
import { experimentKey, findExperiment } from './experiment-store.ts';
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
  const { pk } = runKey(ws, runId);
  const keys = ['a', ...also].map((sk) => ({ pk, sk }));
  const known = deps.announce.experimentOf(ws, runId);
  // One round less for a run that is logged to again and again.
  const [read] = await Promise.all([
    deps.table.getMany(known === undefined ? keys : [...keys, experimentKey(ws, known)]),
    known !== undefined && deps.announce(ws, known, runId),
  ]);
  const items = read.filter((item) => item.pk === pk);
  const beside = read.find((item) => item.pk !== pk);
  let experiment = beside && experimentOf(beside as Item);
  const run = await changeRun(
    deps.table,
    ws,
    runId,
    async (before) => {
      experiment ??= await tell(deps, ws, before.experimentId, runId);
      requireActiveRun(before, experiment);
      return plan(before, items);
    },
    items.length > 0 ? { first: items } : {},
  );
  return { run, experiment: experiment ?? (await experimentOfRun(deps.table, ws, run)), items };
}

/** Announces the run's change, and reads its experiment beside that. */
async function tell(
  deps: Pick<TrackingDeps, 'table' | 'announce'>,
  ws: string,
  experimentId: string,
  runId: string,
): Promise<Experiment> {
  const [experiment] = await Promise.all([
    experimentOfRun(deps.table, ws, { experimentId }),
    deps.announce(ws, experimentId, runId),
  ]);
  return experiment;
}
