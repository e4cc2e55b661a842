import type { Clock } from '../shared/clock.ts';
import type { NewId } from '../shared/ids.ts';
import { type RetryOptions, retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Table } from '../shared/table.ts';
import { requireDataset, specOf } from './dataset-head.ts';
import type { DatasetSpec } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import { checkRecords, type RefusedRecord } from './record.ts';
import {
  type Batch,
  type BatchMarker,
  batchMarker,
  batchOf,
  joinWrites,
  openSegment,
  type Place,
  SEGMENT_BATCHES,
  SEGMENT_BYTES,
  SEGMENT_RECORDS,
  type SegmentHead,
} from './record-buffer.ts';
import type { FlushInput, RecordsTaken } from './record-routes.ts';

/** Starts the execution of that name, once: a second start of it does nothing. */
export type StartFlush = (name: string, input: FlushInput) => Promise<void>;

export interface SendDeps {
  /** The catalogue. */
  table: Table;
  buffer: Table;
  startFlush: StartFlush;
  clock: Clock;
  newId: NewId;
  retry?: RetryOptions;
}

export interface RecordsToSend extends Place {
  records?: unknown;
  batch?: string;
}

const DEFAULT_FLUSH_SECONDS = 60;
/** An open segment that is so much older than it should get has lost its execution: nothing joins it any more. */
const OVERDUE_MS = 120_000;

/**
 * Takes a batch of records into the dataset's open segment. What is acknowledged is in the buffer, and an execution
 * that will take it to the raw zone is there. The same batch again, after a lost answer, adds nothing.
 * @throws DatasetMissing, DatasetWithoutIdentity, DatasetIsSnapshot, RecordsInvalid
 * @throws BatchReused when another batch had this name
 * @throws BufferContended when others came first at every attempt; nothing is taken then
 */
export async function sendRecords(
  deps: SendDeps,
  { workspace, dataset, records, batch: name }: RecordsToSend,
): Promise<RecordsTaken> {
  const place = { workspace, dataset };
  const head = await requireDataset(deps.table, workspace, dataset);
  const spec = await specOf(deps.table, workspace, head.spec);
  const { lines, refused } = checkRecords(spec, records);
  if (lines.length === 0) return { accepted: 0, repeated: false, refused };
  const batch = batchOf(lines, name);
  const isContended = (error: unknown) => error instanceof Error && error.name === 'BufferContended';
  // Each attempt that fails means that another batch got in; twenty senders at once are through before the last attempt.
  const options = { attempts: 20, baseMs: 10, maxMs: 200, ...deps.retry };
  return retrying(() => attempt(deps, place, { batch, spec, refused }), isContended, options);
}

interface Wish {
  batch: Batch;
  spec: DatasetSpec;
  refused: RefusedRecord[];
}

async function attempt(deps: SendDeps, place: Place, { batch, spec, refused }: Wish): Promise<RecordsTaken> {
  const { buffer, startFlush } = deps;
  const seconds = spec.stream?.flushSeconds ?? DEFAULT_FLUSH_SECONDS;
  const earlier = await batchMarker(buffer, place, batch.id);
  const open = await openSegment(buffer, place);
  if (earlier) {
    requireSame(earlier, batch);
    const known = open?.segment === earlier.segment && open.started;
    if (!known) await startFlush(...flushOf(place, earlier, seconds));
    return { accepted: earlier.records, repeated: true, refused, uploadId: earlier.segment };
  }
  const joined = open && hasRoom(open, batch, deps.clock()) ? open : undefined;
  // Whoever opened it may have died before its start; what is known to be started is never started again.
  if (open && !open.started) await startFlush(...flushOf(place, open, joined ? seconds : 0));
  const next = joined ? extended(joined, batch) : opened(deps, batch, seconds);
  try {
    await buffer.transact(joinWrites(place, open, next, batch, deps.clock()));
  } catch (error) {
    if (!(error instanceof ConditionUnmet)) throw error;
    throw DataErrors.BufferContended(`dataset ${place.dataset}: other batches came first`, { cause: error });
  }
  if (!joined) await startFlush(...flushOf(place, next, seconds));
  // Full or overdue: it need not wait for its time. Should this start be lost, its own execution still comes.
  if (open && !joined) await startFlush(...flushOf(place, open, 0));
  return { accepted: batch.lines.length, repeated: false, refused, uploadId: next.segment };
}

function requireSame(earlier: BatchMarker, batch: Batch): void {
  if (earlier.content === batch.content) return;
  throw DataErrors.BatchReused(
    `batch: got ${batch.lines.length} records under the name of another batch, which had ${earlier.records}`,
  );
}

const hasRoom = ({ records, bytes, batches, flushAt }: SegmentHead, batch: Batch, now: Date): boolean =>
  records + batch.lines.length <= SEGMENT_RECORDS &&
  bytes + batch.bytes <= SEGMENT_BYTES &&
  batches < SEGMENT_BATCHES &&
  now.getTime() <= Date.parse(flushAt) + OVERDUE_MS;

const extended = (head: SegmentHead, { lines, bytes }: Batch): SegmentHead => ({
  ...head,
  started: true,
  batches: head.batches + 1,
  records: head.records + lines.length,
  bytes: head.bytes + bytes,
});

function opened({ clock, newId }: SendDeps, { lines, bytes }: Batch, seconds: number): SegmentHead {
  const now = clock();
  return {
    segment: newId(),
    openedAt: now.toISOString(),
    flushAt: new Date(now.getTime() + seconds * 1000).toISOString(),
    started: false,
    batches: 1,
    records: lines.length,
    bytes,
  };
}

/** A segment has an execution that waits, and where it fills up before that one's time, another that does not. */
function flushOf(
  place: Place,
  { segment, openedAt }: Pick<SegmentHead, 'segment' | 'openedAt'>,
  seconds: number,
): [string, FlushInput] {
  const name = seconds === 0 ? `flush-${segment}-full` : `flush-${segment}`;
  return [name, { ...place, segment, openedAt, seconds }];
}
