import { explainCandidate } from '../registry/contract.ts';
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
  const run = await endRun(deps, { workspace, runId, attempt }, { status: 'failed', error: described });
  if (run.adopts !== undefined) await tell(deps.table, workspace, run, described);
  return described;
}

/** The version that a client made says why it is no bundle; one that was deleted meanwhile has nobody to tell. */
async function tell(
  table: Table,
  workspace: string,
  { model, adopts = 0 }: RunFact,
  { name, message }: NonNullable<RunFact['error']>,
): Promise<void> {
  const why = WORDS.has(name) ? message.replace(/^model\.onnx: /, '') : `${name}: ${message}`;
  try {
    await explainCandidate(table, { workspace, model, version: adopts, why });
  } catch (error) {
    const gone = error instanceof Error && ['ModelMissing', 'ModelVersionMissing'].includes(error.name);
    if (!gone) throw error;
  }
}

/** Errors whose messages say all that there is to say. */
const WORDS = new Set(['CandidateUnusable', 'TrainingOutputInvalid']);

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
