import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';
import type { RunFact } from './run.ts';
import { replaceRun, requireRun } from './run-store.ts';

export type RunEnding =
  | ({ status: 'succeeded' } & Required<Pick<RunFact, 'bundle' | 'version' | 'metrics' | 'gate'>>)
  | ({ status: 'rejected' } & Required<Pick<RunFact, 'metrics' | 'gate'>>)
  | ({ status: 'failed' } & Required<Pick<RunFact, 'error'>>);

/**
 * Records how an attempt ended, once: a retry finds it ended, and an attempt that another one has replaced says nothing more.
 * @throws RunMissing, RunMoved
 */
export async function endRun(
  { table, clock }: { table: Table; clock: Clock },
  { workspace, runId, attempt }: { workspace: string; runId: string; attempt: number },
  ending: RunEnding & Pick<RunFact, 'reusedFrom'>,
): Promise<RunFact> {
  const run = await requireRun(table, workspace, runId);
  if (run.attempt !== attempt || run.status !== 'running') return run;
  const after: RunFact = { ...run, ...ending, endedAt: clock().toISOString() };
  await replaceRun(table, workspace, run, after);
  return after;
}
