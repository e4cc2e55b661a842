import type { Clock } from '../shared/clock.ts';
import { newId } from '../shared/ids.ts';
import { type RetryOptions, retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Item, type Key, type PackedItem, type Table, type Write } from '../shared/table.ts';
import { type Versioned, whenAt } from './change-item.ts';
import { TrackingErrors } from './errors.ts';
import { parseJson, writeJson } from './mlflow-json.ts';
import type { Run } from './run.ts';

/** Everything of a run lies in one partition: `a` the run, `b#…` its latest metrics, `h#…` and `k#…` their histories. */
export const runPartition = (ws: string, runId: string): string => `${ws}#run#${runId}`;
export const runKey = (ws: string, runId: string): Key => ({ pk: runPartition(ws, runId), sk: 'a' });

/** Bytes of a run's document in one item; DynamoDB takes 400 KB, its names and key among them. */
const PART_BYTES = 300_000;
/** A transaction takes 4 MB. */
const MOST_PARTS = 12;

const partKey = (ws: string, runId: string, n: number): Key => ({
  pk: runPartition(ws, runId),
  sk: n === 0 ? 'a' : `a#${String(n).padStart(2, '0')}`,
});

/** The writes that make a run's document what it is; a long one goes over several items, in one transaction. */
function writesOf(ws: string, run: Run, revision: number, writer: string): Write[] {
  const bytes = Buffer.from(writeJson(run));
  const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  if (parts > MOST_PARTS) {
    throw TrackingErrors.RunTooLarge(
      `run ${run.runId}: its params and tags are ${bytes.length} bytes, at most ${PART_BYTES * MOST_PARTS} are kept`,
    );
  }
  return Array.from({ length: parts }, (_, n) => {
    const doc = bytes.subarray(n * PART_BYTES, (n + 1) * PART_BYTES);
    const put: PackedItem = { ...partKey(ws, run.runId, n), revision: revision + 1, writer, parts };
    // One part stays readable in the console; bytes are what is cut anywhere.
    const filled: PackedItem = parts === 1 ? { ...put, doc: doc.toString() } : { ...put, bytes: new Uint8Array(doc) };
    return n === 0 ? { put: filled, when: whenAt(revision) } : { put: filled };
  });
}

/**
 * The run of its items, in order of their keys; undefined where there is none.
 * @param more Reads what a caller did not: the other parts of a long document
 */
async function runOf(
  items: readonly PackedItem[],
  more: (n: number) => Promise<PackedItem[]>,
): Promise<{ run: Run; head: Versioned } | undefined> {
  const head = items.find(({ sk }) => sk === 'a') as Versioned | undefined;
  if (!head) return undefined;
  const parts = Number(head['parts']);
  if (parts === 1) return { run: parseJson(String(head['doc'])) as Run, head };
  const known = items.filter(({ sk }) => sk === 'a' || sk.startsWith('a#'));
  const all = known.length >= parts ? known : [head, ...(await more(parts))];
  const sorted = all.sort((a, b) => (a.sk < b.sk ? -1 : 1)).slice(0, parts);
  // Parts that another writer replaces meanwhile are of two documents: read again.
  if (sorted.length < parts || sorted.some((part) => part['revision'] !== head.revision)) throw new ConditionUnmet([0]);
  const bytes = Buffer.concat(sorted.map((part) => part['bytes'] as Uint8Array));
  return { run: parseJson(bytes.toString()) as Run, head };
}

const morePartsOf = (table: Table, ws: string, runId: string) => (parts: number) =>
  table.getMany(Array.from({ length: parts - 1 }, (_, n) => partKey(ws, runId, n + 1)));

const again = (error: unknown) => error instanceof ConditionUnmet;

/** A run with the items of its latest metrics, or undefined. */
export async function findRun(
  table: Table,
  ws: string,
  runId: string,
): Promise<{ run: Run; items: PackedItem[] } | undefined> {
  return retrying(async () => {
    const items = (await table.query(runPartition(ws, runId), { from: 'a', to: 'b~' })) as PackedItem[];
    const found = await runOf(items, morePartsOf(table, ws, runId));
    return found && { run: found.run, items };
  }, again);
}

/** @throws RunMissing */
export async function requireRun(table: Table, ws: string, runId: string) {
  return (await findRun(table, ws, runId)) ?? runMissing(runId);
}

export function runMissing(runId: string): never {
  throw TrackingErrors.RunMissing(`Run with id=${runId} not found`);
}

/** What one read finds of many runs; those that are not there are left out. */
export async function findRuns(
  table: Table,
  ws: string,
  runIds: readonly string[],
): Promise<{ run: Run; items: PackedItem[] }[]> {
  const keys = runIds.flatMap((runId) => [runKey(ws, runId), { pk: runPartition(ws, runId), sk: 'b#00' }]);
  const byRun = Map.groupBy(await table.getMany(keys), ({ pk }) => pk);
  const found = await Promise.all(
    runIds.map(async (runId) => {
      const items = byRun.get(runPartition(ws, runId)) ?? [];
      const isWhole = items.every((item) => Number(item['parts'] ?? 1) === 1);
      if (!isWhole) return findRun(table, ws, runId);
      const one = await runOf(items, async () => []);
      return one && { run: one.run, items };
    }),
  );
  return found.filter((one) => one !== undefined);
}

/** Writes a new run; its id is new, so that one which is there already is this one. */
export async function putNewRun(table: Table, ws: string, run: Run): Promise<void> {
  const writes = writesOf(ws, run, 0, newId());
  const [only] = writes;
  try {
    await (writes.length === 1 && only && 'put' in only ? table.write(only) : table.transact(writes));
  } catch (error) {
    if (!again(error)) throw error;
  }
}

/**
 * Changes a run's document; a plan that gives the run back as it is writes nothing.
 * @param first What the caller has read of it already
 * @throws RunMissing, TrackingContended, and what the plan throws
 */
export async function changeRun(
  table: Table,
  ws: string,
  runId: string,
  plan: (run: Run) => Run | Promise<Run>,
  { first, retry = {} }: { first?: readonly PackedItem[]; retry?: RetryOptions } = {},
): Promise<Run> {
  const writer = newId();
  let read = first;
  const attempt = async () => {
    const items = read ?? (await table.getMany([runKey(ws, runId)]));
    read = undefined;
    const { run, head } = (await runOf(items, morePartsOf(table, ws, runId))) ?? runMissing(runId);
    // The change is in it: only the answer to the write was lost.
    if (head.writer === writer) return run;
    const after = await plan(run);
    if (after === run) return run;
    const writes = writesOf(ws, after, head.revision, writer);
    const [only] = writes;
    await (writes.length === 1 && only && 'put' in only ? table.write(only) : table.transact(writes));
    return after;
  };
  try {
    return await retrying(attempt, again, { attempts: 40, maxMs: 300, ...retry });
  } catch (error) {
    if (!again(error)) throw error;
    throw TrackingErrors.TrackingContended(`run ${runId}: others changed it at every attempt`, { cause: error });
  }
}

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

export type Announce = (ws: string, experimentId: string, runId: string) => Promise<void>;

/**
 * Says that a run is about to change, before it does: what keeps the search index fresh. One entry a run and bucket of
 * time is enough, so a function that has written one remembers it.
 */
export function announcer(table: Table, clock: Clock): Announce {
  const said = new Map<string, number>();
  return async (ws, experimentId, runId) => {
    const now = clock().getTime();
    const bucket = Math.floor(now / 1000 / CHANGE_BUCKET_SECONDS);
    const id = `${ws} ${runId}`;
    if (said.get(id) === bucket) return;
    const item: Item = {
      pk: changesPartition(ws, experimentId),
      sk: `${String(bucket).padStart(12, '0')}#${runId}`,
      expiresAt: Math.floor(now / 1000) + CHANGE_DAYS * 86_400,
    };
    await table.write({ put: item });
    if (said.size > 10_000) said.clear();
    said.set(id, bucket);
  };
}
