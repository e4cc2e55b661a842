import type { Clock } from '../shared/clock.ts';
import type { Item, Table } from '../shared/table.ts';

/** Seconds of an entry's bucket, and days that it is kept. */
export const CHANGE_BUCKET_SECONDS = 10;
const CHANGE_DAYS = 90;
/**
 * Seconds of one partition of the log. A search reads the minute before the last one, so it asks one partition or two
 * of few entries each, however long the log is; an index of yesterday asks 288.
 */
const BLOCK_SECONDS = 300;
/** How far a writer's clock may be ahead. */
const SKEW_SECONDS = 20;
/** Partitions that are asked at a time. */
const AT_ONCE = 32;

const partition = (ws: string, of: string, block: number): string => `${ws}#changes#${of}#${block}`;

export interface Announce {
  (ws: string, experimentId: string, runId: string): Promise<void>;
  /** The same as a part of the caller's own write, which gets the entries that it needs and says whether it wrote them. */
  within(
    ws: string,
    experimentId: string,
    runId: string,
    write: (entries: readonly { put: Item }[]) => Promise<boolean>,
  ): Promise<void>;
  /** The experiment of a run that this function has announced before: it never changes. */
  experimentOf(ws: string, runId: string): string | undefined;
}

/**
 * Says that a run is about to change, before it does: what keeps the search index fresh. One entry a run and bucket of
 * time is enough, so a function that has written one remembers it.
 */
export function announcer(table: Table, clock: Clock): Announce {
  const said = new Map<string, { bucket: number; experimentId: string }>();
  const within: Announce['within'] = async (ws, experimentId, runId, write) => {
    const seconds = Math.floor(clock().getTime() / 1000);
    const bucket = Math.floor(seconds / CHANGE_BUCKET_SECONDS);
    const id = `${ws} ${runId}`;
    if (said.get(id)?.bucket === bucket) {
      await write([]);
      return;
    }
    const item: Item = {
      pk: partition(ws, experimentId, Math.floor(seconds / BLOCK_SECONDS)),
      sk: `${String(bucket).padStart(12, '0')}#${runId}`,
      expiresAt: seconds + CHANGE_DAYS * 86_400,
    };
    if (!(await write([{ put: item }]))) return;
    if (said.size > 10_000) said.clear();
    said.set(id, { bucket, experimentId });
  };
  const announce = (ws: string, experimentId: string, runId: string) =>
    within(ws, experimentId, runId, async ([entry]) => {
      if (entry) await table.write(entry);
      return true;
    });
  return Object.assign(announce, {
    within,
    experimentOf: (ws: string, runId: string) => said.get(`${ws} ${runId}`)?.experimentId,
  });
}

/** Whatever was announced in the bucket of this second or later, each once. */
export async function changedSince(
  { table, clock }: { table: Table; clock: Clock },
  ws: string,
  of: string,
  sinceSecond: number,
): Promise<string[]> {
  const bucket = Math.max(0, Math.floor(sinceSecond / CHANGE_BUCKET_SECONDS));
  const first = Math.floor((bucket * CHANGE_BUCKET_SECONDS) / BLOCK_SECONDS);
  const last = Math.floor((clock().getTime() / 1000 + SKEW_SECONDS) / BLOCK_SECONDS);
  const range = { from: String(bucket).padStart(12, '0'), to: '~' };
  const changed = new Set<string>();
  for (let block = first; block <= last; block += AT_ONCE) {
    const count = Math.min(AT_ONCE, last - block + 1);
    const read = await Promise.all(
      Array.from({ length: count }, (_, i) => table.query(partition(ws, of, block + i), range)),
    );
    for (const { sk } of read.flat()) changed.add(sk.slice(sk.indexOf('#') + 1));
  }
  return [...changed];
}
