import { changeActiveRun } from './active-run.ts';
import type { Versioned } from './change-item.ts';
import { logModelPoints, modelsNamedBy } from './logged-model-store.ts';
import { logPoints } from './metric-store.ts';
import type { KeyValue } from './names.ts';
import type { Point } from './point-block.ts';
import { withParams, withTags } from './run.ts';
import type { TrackingDeps } from './tracking-deps.ts';

export interface Entities {
  points: readonly Point[];
  params: readonly KeyValue[];
  tags: readonly KeyValue[];
}

/**
 * Logs metrics, params and tags. Params and tags go first, as a changed param refuses the whole, and a point that names
 * a logged model goes to that too; all of it may come again without doing anything twice.
 */
export async function logEntities(
  deps: Pick<TrackingDeps, 'table' | 'announce'>,
  ws: string,
  runId: string,
  { points, params, tags }: Entities,
): Promise<void> {
  const models = await modelsNamedBy(deps.table, ws, points);
  const { items } = await changeActiveRun(
    deps,
    ws,
    runId,
    (run) => withTags(withParams(run, params, false), tags),
    points.length > 0 ? ['b#00'] : [],
  );
  await logModelPoints(deps, ws, runId, points, models);
  const item = items.find(({ sk }) => sk === 'b#00') as Versioned | undefined;
  await logPoints(deps.table, ws, runId, points, { item });
}
