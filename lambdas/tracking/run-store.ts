import type { RetryOptions } from '../shared/retry.ts';
import type { Key, PackedItem, Table } from '../shared/table.ts';
import type { Announce } from './change-log.ts';
import { TrackingErrors } from './errors.ts';
import type { Run } from './run.ts';
import {
  changeDocument,
  type DocumentPlace,
  documentOf,
  jsonDocument,
  putNewDocument,
  reread,
} from './split-document.ts';

/** Everything of a run lies in one partition: `a` the run, `b#…` its latest metrics, `h#…` and `k#…` their histories. */
export const runPartition = (ws: string, runId: string): string => `${ws}#run#${runId}`;
export const runKey = (ws: string, runId: string): Key => ({ pk: runPartition(ws, runId), sk: 'a' });

const RUN = jsonDocument<Run>();
const placeOf = (ws: string, runId: string): DocumentPlace => ({
  ...runKey(ws, runId),
  name: `run ${runId}: its params and tags`,
});

/** A run, with its items: its document's and those of its latest metrics. */
export interface FoundRun {
  run: Run;
  items: PackedItem[];
}

/** A run with the items of its latest metrics, or undefined. */
export async function findRun(table: Table, ws: string, runId: string): Promise<FoundRun | undefined> {
  return reread(async () => {
    const items = (await table.query(runPartition(ws, runId), { from: 'a', to: 'b~' })) as PackedItem[];
    const found = await documentOf(table, RUN, runKey(ws, runId), items);
    return found && { run: found.document, items };
  });
}

/** @throws RunUnknown */
export async function requireRun(table: Table, ws: string, runId: string) {
  return (await findRun(table, ws, runId)) ?? runMissing(runId);
}

function runMissing(runId: string): never {
  throw TrackingErrors.RunUnknown(`Run with id=${runId} not found`);
}

/** What one read finds of many runs; those that are not there are left out. */
export async function findRuns(table: Table, ws: string, runIds: readonly string[]): Promise<FoundRun[]> {
  const keys = runIds.flatMap((runId) => [runKey(ws, runId), { pk: runPartition(ws, runId), sk: 'b#00' }]);
  const byRun = Map.groupBy(await table.getMany(keys), ({ pk }) => pk);
  const found = await Promise.all(
    runIds.map(async (runId) => {
      const items = byRun.get(runPartition(ws, runId)) ?? [];
      const isWhole = items.every((item) => Number(item['parts'] ?? 1) === 1);
      if (!isWhole) return findRun(table, ws, runId);
      const one = await documentOf(table, RUN, runKey(ws, runId), items);
      return one && { run: one.document, items };
    }),
  );
  return found.filter((one) => one !== undefined);
}

/** Writes a new run, listed and announced; its id is new, so that one which is there already is this one. */
export async function putNewRun(
  { table, announce }: { table: Table; announce: Announce },
  ws: string,
  run: Run,
): Promise<void> {
  const { experimentId, runId } = run;
  const listed = { put: { pk: runListPartition(ws, experimentId, listedIn(runId)), sk: runId } };
  await announce.within(ws, experimentId, runId, (entries) =>
    putNewDocument(table, RUN, placeOf(ws, runId), run, [listed, ...entries]),
  );
}

/**
 * Changes a run's document; a plan that gives the run back as it is writes nothing.
 * @param first What the caller has read of it already
 * @throws RunUnknown, TrackingContended, and what the plan throws
 */
export const changeRun = (
  table: Table,
  ws: string,
  runId: string,
  plan: (run: Run) => Run | Promise<Run>,
  options: { first?: readonly PackedItem[]; retry?: RetryOptions } = {},
): Promise<Run> => changeDocument(table, RUN, placeOf(ws, runId), (run) => plan(run ?? runMissing(runId)), options);

/** The experiment's list of runs, spread so that no partition is hot. */
export const RUN_LISTS = 16;
export const runListPartition = (ws: string, experimentId: string, n: number): string =>
  `${ws}#runs#${experimentId}#${n.toString(16)}`;
const listedIn = (runId: string): number => {
  let hash = 0;
  for (const char of runId) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) | 0;
  return Math.abs(hash) % RUN_LISTS;
};
