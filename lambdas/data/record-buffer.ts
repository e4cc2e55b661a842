import { gunzipSync, gzipSync } from 'node:zlib';
import { digestOf, hexOf } from '../shared/digest.ts';
import { derivedId } from '../shared/ids.ts';
import type { Item, Key, Table, Write } from '../shared/table.ts';

/**
 * Records that were taken and are in no raw object yet. A dataset has at most one open *segment*, which batches join;
 * once it is sealed nothing joins it any more, and it becomes one raw object. Its id is that object's upload id.
 */
export interface SegmentHead {
  segment: string;
  /** ISO 8601, UTC. */
  openedAt: string;
  /** When its execution seals it at the latest. */
  flushAt: string;
  /** Whether its execution is known to be there. */
  started: boolean;
  batches: number;
  records: number;
  /** Of its lines. */
  bytes: number;
}

/** Which segment has a batch; kept for a day, so that a batch which comes again is known. */
export interface BatchMarker {
  segment: string;
  openedAt: string;
  records: number;
  /** Hex digest of its lines. */
  content: string;
}

export interface Place {
  workspace: string;
  dataset: string;
}

/** What a segment holds at most. An ingestion reads keys of the whole dataset, so few large objects are better than many. */
export const SEGMENT_RECORDS = 50_000;
export const SEGMENT_BYTES = 8 * 1024 * 1024;
/** Each is an item at least, and is removed one by one in the end. */
export const SEGMENT_BATCHES = 2000;

/** Bytes of lines in a chunk before compression: as base64 even what gzip cannot shrink stays below an item's 400 KB. */
const CHUNK_BYTES = 256 * 1024;
const MARKER_SECONDS = 86_400;

const partition = ({ workspace, dataset }: Place, what: string) => `${workspace}#records#${dataset}#${what}`;
const headKey = (place: Place): Key => ({ pk: partition(place, 'open'), sk: 'head' });
const markerKey = (place: Place, batch: string): Key => ({ pk: partition(place, `batch#${batch}`), sk: 'marker' });
export const segmentPartition = (place: Place, segment: string): string => partition(place, `segment#${segment}`);

export interface Batch {
  /** Two batches of one id are one batch, sent twice. */
  id: string;
  /** Hex digest of its lines. */
  content: string;
  lines: readonly string[];
  bytes: number;
}

/** @param name the sender's own name for it; without one, the same lines in the same order are the same batch */
export function batchOf(lines: readonly string[], name?: string): Batch {
  const text = lines.join('\n');
  const content = hexOf(digestOf(text));
  return {
    id: name === undefined ? content : derivedId('batch', name),
    content,
    lines,
    bytes: Buffer.byteLength(text) + 1,
  };
}

const withoutKey = <T>(item: Item | undefined): T | undefined => {
  if (!item) return undefined;
  const { pk: _pk, sk: _sk, ...rest } = item;
  return rest as unknown as T;
};

export const openSegment = async (buffer: Table, place: Place): Promise<SegmentHead | undefined> =>
  withoutKey<SegmentHead>(await buffer.get(headKey(place)));

export const batchMarker = async (buffer: Table, place: Place, batch: string): Promise<BatchMarker | undefined> =>
  withoutKey<BatchMarker>(await buffer.get(markerKey(place, batch)));

/**
 * What makes a batch part of a segment: the head's next state, the batch's marker and its chunks, all or none. It holds
 * only while the head is as it was read, so nothing joins a segment that is sealed.
 */
export function joinWrites(
  place: Place,
  before: SegmentHead | undefined,
  next: SegmentHead,
  batch: Batch,
  at: Date,
): Write[] {
  const { segment, openedAt, batches } = next;
  const marker = { segment, openedAt, records: batch.lines.length, content: batch.content };
  const expiresAt = Math.floor(at.getTime() / 1000) + MARKER_SECONDS;
  const chunks = chunksOf(batch.lines).map((lines, i): Write => {
    const text = `${lines.join('\n')}\n`;
    return {
      put: {
        pk: segmentPartition(place, segment),
        sk: `${String(batches).padStart(6, '0')}#${String(i).padStart(3, '0')}`,
        openedAt,
        records: lines.length,
        lines: gzipSync(text).toString('base64'),
      },
    };
  });
  return [
    {
      put: { ...headKey(place), ...next },
      when: before ? { equals: { segment: before.segment, batches: before.batches } } : { absent: true },
    },
    { put: { ...markerKey(place, batch.id), ...marker, expiresAt }, when: { absent: true } },
    ...chunks,
  ];
}

/** From here on nothing joins the segment; the next batch opens another. */
export const sealWrite = (place: Place, segment: string): Write => ({
  remove: headKey(place),
  when: { equals: { segment } },
});

export const linesOf = (chunk: Item): string =>
  gunzipSync(Buffer.from(String(chunk['lines']), 'base64')).toString('utf8');

function chunksOf(lines: readonly string[]): string[][] {
  const chunks: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const size = Buffer.byteLength(line) + 1;
    if (bytes + size > CHUNK_BYTES) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)?.push(line);
    bytes += size;
  }
  return chunks;
}
