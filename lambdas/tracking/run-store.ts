import type { Clock } from '../shared/clock.ts';
import type { RetryOptions } from '../shared/retry.ts';
import type { Item, Key, PackedItem, Table } from '../shared/table.ts';
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

/** Writes a new run; its id is new, so that one which is there already is this one. */
export const putNewRun = (table: Table, ws: string, run: Run): Promise<void> =>
  putNewDocument(table, RUN, placeOf(ws, run.runId), run);

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
export const listedIn = (runId: string): number => {
  let hash = 0;
  for (const char of runId) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) | 0;
  return Math.abs(hash) % RUN_LISTS;
};

/** Seconds of a change log entry's bucket, and days that it is kept. */
export const CHANGE_BUCKET_SECONDS = 10;
const CHANGE_DAYS = 90;
export const changesPartition = (ws: string, experimentId: string): string => `${ws}#changes#${experimentId}`;

export interface Announce {
  (ws: string, experimentId: string, runId: string): Promise<void>;
  /** The experiment of a run that this function has announced before: it never changes. */
  experimentOf?(ws: string, runId: string): string | undefined;
}

/**
 * Says that a run is about to change, before it does: what keeps the search index fresh. One entry a run and bucket of
 * time is enough, so a function that has written one remembers it.
 */
export function announcer(table: Table, clock: Clock): Announce {
  const said = new Map<string, { bucket: number; experimentId: string }>();
  const announce = async (ws: string, experimentId: string, runId: string) => {
    const now = clock().getTime();
    const bucket = Math.floor(now / 1000 / CHANGE_BUCKET_SECONDS);
    const id = `${ws} ${runId}`;
    if (said.get(id)?.bucket === bucket) return;
    const item: Item = {
      pk: changesPartition(ws, experimentId),
      sk: `${String(bucket).padStart(12, '0')}#${runId}`,
      expiresAt: Math.floor(now / 1000) + CHANGE_DAYS * 86_400,
    };
    await table.write({ put: item });
    if (said.size > 10_000) said.clear();
    said.set(id, { bucket, experimentId });
  };
  return Object.assign(announce, {
    experimentOf: (ws: string, runId: string) => said.get(`${ws} ${runId}`)?.experimentId,
  });
}
