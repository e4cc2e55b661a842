import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';
import type { PlatformRuns } from '../tracking/contract.ts';
import type { Measured } from './metric-histories.ts';
import type { RunFact } from './run.ts';
import { replaceRun, requireRun } from './run-store.ts';
import { endTracking } from './track-run.ts';

export type RunEnding =
  | ({ status: 'succeeded' } & Required<Pick<RunFact, 'bundle' | 'version' | 'metrics' | 'gate'>>)
  | ({ status: 'rejected' } & Required<Pick<RunFact, 'metrics' | 'gate'>>)
  | ({ status: 'failed' } & Required<Pick<RunFact, 'error'>>);

/**
 * Records how an attempt ended, once: a retry finds it ended, and an attempt that another one has replaced says nothing more.
 * @throws RunMissing, RunMoved
 */
export async function endRun(
  { table, clock, runs }: { table: Table; clock: Clock; runs: PlatformRuns },
  { workspace, runId, attempt }: { workspace: string; runId: string; attempt: number },
  ending: RunEnding & Pick<RunFact, 'reusedFrom'>,
  trained: Measured = {},
): Promise<RunFact> {
  const run = await requireRun(table, workspace, runId);
  if (run.attempt !== attempt) return run;
  const after: RunFact = run.status === 'running' ? { ...run, ...ending, endedAt: clock().toISOString() } : run;
  if (after !== run) await replaceRun(table, workspace, run, after);
  // Also where the run had ended: whoever ended it may have died before it said so here.
  await endTracking(runs, workspace, after, trained);
  return after;
}
