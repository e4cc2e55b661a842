import type { ObjectStore } from '../shared/objects.ts';
import { ConditionUnmet, type Item, type Table } from '../shared/table.ts';
import { RECORDS_FILE, rawKey } from './raw-key.ts';
import { linesOf, type Place, sealWrite, segmentPartition } from './record-buffer.ts';
import type { FlushInput } from './record-routes.ts';

export interface FlushDeps {
  buffer: Table;
  raw: ObjectStore;
}

export interface Flushed {
  key: string;
  /** Absent where an earlier flush had done it all. */
  records?: number;
}

/** Where a segment's records end. */
export const segmentKey = ({ workspace, dataset, segment, openedAt }: Omit<FlushInput, 'seconds'>): string =>
  rawKey({ workspace, dataset, uploadId: segment, fileName: RECORDS_FILE }, new Date(openedAt));

/**
 * Makes one raw object of a segment: seals it, writes all of it under a name that only it has and only once, and then
 * removes it from the buffer. Whoever comes after a flush that died anywhere goes on from there: while the object is
 * not there every chunk is, and once it is there what is left of the chunks is only removed.
 */
export async function flushRecords({ buffer, raw }: FlushDeps, input: FlushInput): Promise<Flushed> {
  const key = segmentKey(input);
  await seal(buffer, input, input.segment);
  const chunks = await buffer.query(segmentPartition(input, input.segment));
  if (chunks.length === 0) return { key };
  await raw.create(key, chunks.map(linesOf).join(''), 'application/x-ndjson');
  for (const group of groupsOf(chunks)) await buffer.transact(group.map(({ pk, sk }) => ({ remove: { pk, sk } })));
  return { key, records: chunks.reduce((sum, { records }) => sum + Number(records), 0) };
}

async function seal(buffer: Table, place: Place, segment: string): Promise<void> {
  try {
    await buffer.transact([sealWrite(place, segment)]);
  } catch (error) {
    // Another segment is open, or none: this one was sealed before.
    if (!(error instanceof ConditionUnmet)) throw error;
  }
}

/** A transaction takes 100 writes, and 4 MB of the items that they are about. */
const GROUP_ITEMS = 100;
const GROUP_CHARACTERS = 3_000_000;

function groupsOf(chunks: readonly Item[]): Item[][] {
  const groups: Item[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const chunk of chunks) {
    const characters = String(chunk['lines']).length + 500;
    if (size + characters > GROUP_CHARACTERS || groups.at(-1)?.length === GROUP_ITEMS) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(chunk);
    size += characters;
  }
  return groups;
}
