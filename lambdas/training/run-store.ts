import { commit, type Edge, factKey, factOf, partitionOf, type Ref, ref } from '../lineage/contract.ts';
import { derivedId } from '../shared/ids.ts';
import { ConditionUnmet, type Item, type Table, type Value, type Write } from '../shared/table.ts';
import { TRAINING_ENDED } from './contract.ts';
import { TrainingErrors } from './errors.ts';
import type { RunFact } from './run.ts';

const RUN_ROW = 'run#';

export const runRef = (ws: string, runId: string): Ref => ref('run', ws, runId);

export async function findRun(table: Table, ws: string, runId: string): Promise<RunFact | undefined> {
  return (await factOf(table, runRef(ws, runId))) as RunFact | undefined;
}

/** @throws RunMissing */
export async function requireRun(table: Table, ws: string, runId: string): Promise<RunFact> {
  const run = await findRun(table, ws, runId);
  if (run) return run;
  throw TrainingErrors.RunMissing(`runId: got ${runId}, there is no such run in workspace ${ws}`);
}

/** A model's runs, newest first. */
export async function listRuns(table: Table, ws: string, model: string, limit: number): Promise<RunFact[]> {
  const rows = await table.query(partitionOf(ref('model', ws, model)), { prefix: RUN_ROW, descending: true, limit });
  const runs = await Promise.all(rows.map((row) => findRun(table, ws, String(row['runId']))));
  return runs.filter((run) => run !== undefined);
}

const itemOf = (ws: string, run: RunFact): Item => ({
  ...factKey(runRef(ws, run.runId)),
  ...(JSON.parse(JSON.stringify(run)) as Record<string, Value>),
});

/**
 * Writes a new run with its edges, and its row in the model's partition.
 * @param check What must hold of the data that it is to read
 * @throws ConditionUnmet when the run is there already, or the check does not hold
 */
export async function createRun(
  table: Table,
  ws: string,
  run: RunFact,
  edges: readonly Edge[],
  check?: Write,
): Promise<void> {
  const row = { pk: partitionOf(ref('model', ws, run.model)), sk: `${RUN_ROW}${run.startedAt}#${run.runId}` };
  await commit(table, {
    facts: [
      { put: itemOf(ws, run), when: { absent: true } },
      { put: { ...row, runId: run.runId } },
      ...(check ? [check] : []),
    ],
    edges,
  });
}

/**
 * Replaces a run as long as nobody else moved it: status and attempt are what they were read as.
 * A run that has ended is told to the event bus in the same transaction.
 * @throws RunMoved
 */
export async function replaceRun(table: Table, ws: string, before: RunFact, after: RunFact): Promise<void> {
  const { runId, model, status, version, attempt } = after;
  const ended = status !== 'running' && {
    id: derivedId(TRAINING_ENDED, ws, runId, String(attempt)),
    workspace: ws,
    domain: 'training',
    type: TRAINING_ENDED,
    detail: { runId, model, status, ...(version !== undefined && { version }) },
  };
  try {
    await commit(table, {
      facts: [{ put: itemOf(ws, after), when: { equals: { status: before.status, attempt: before.attempt } } }],
      ...(ended && { event: ended }),
    });
  } catch (error) {
    if (!(error instanceof ConditionUnmet)) throw error;
    throw TrainingErrors.RunMoved(`run ${runId}: is not ${before.status} in attempt ${before.attempt} any more`, {
      cause: error,
    });
  }
}
