import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';
import type { PlatformRuns } from '../tracking/contract.ts';
import { endRun } from './end-run.ts';
import type { RunFact } from './run.ts';
import type { RunName } from './run-files.ts';

export interface Failure {
  /** The error's name as Step Functions gives it. */
  error: string;
  /** JSON of the failed function or job, or plain text. */
  cause: string;
}

/** Enough for a sentence with its figures; the log has the rest. */
const MAX_MESSAGE = 1000;

/** Writes down why an attempt failed; what it answers is what the execution fails with. */
export async function recordFailure(
  deps: { table: Table; clock: Clock; runs: PlatformRuns },
  { workspace, runId, attempt, error, cause }: RunName & { attempt: number } & Failure,
): Promise<NonNullable<RunFact['error']>> {
  const described = { name: error, message: messageOf(cause).slice(0, MAX_MESSAGE) };
  await endRun(deps, { workspace, runId, attempt }, { status: 'failed', error: described });
  return described;
}

/** Lambda says `errorMessage`; a training job that failed says `FailureReason`. */
function messageOf(cause: string): string {
  try {
    const { errorMessage, FailureReason } = JSON.parse(cause) as Record<string, unknown>;
    const message = errorMessage ?? FailureReason;
    return typeof message === 'string' ? message : cause;
  } catch {
    return cause;
  }
}
