import { createHash } from 'node:crypto';
import { derivedId, newId } from '../shared/ids.ts';
import type { Item, Key, PackedItem, Table, Write } from '../shared/table.ts';
import { type Versioned, whenAt, whileContended } from './change-item.ts';
import { TrackingErrors } from './errors.ts';
import { byStep, byTime, POINT_BYTES, type Point, packPoints, samePoint, unpackPoints } from './point-block.ts';
import { runPartition } from './run-store.ts';

/**
 * A run's metrics. Parts `b#00`, `b#01`, … hold each metric's latest value; part 0 also the newest points, until they
 * fill a chunk of the history. So a call that logs one value reads and writes one small item, a history of ten
 * thousand is some seventy items, and points and latest values change in one write.
 */
interface Part {
  latest: Map<string, Point>;
  /** About what it takes in its item. */
  bytes: number;
  revision: number;
  /** Part 0 only: points that are in no chunk yet, and how many mixed chunks there are. */
  tail: Point[];
  mixed: number;
}

const partKey = (ws: string, runId: string, n: number): Key => ({
  pk: runPartition(ws, runId),
  sk: `b#${String(n).padStart(2, '0')}`,
});
const chunkPrefix = (key: string) => `k#${createHash('sha256').update(key).digest('hex').slice(0, 24)}#`;
const MIXED = 'h#';

/** Points that part 0 keeps, four KB: each call writes them once more. */
const TAIL = 146;
/** DynamoDB takes 400 KB an item. */
const PART_BYTES = 250_000;
const MOST_PARTS = 64;
/** Of a point with its names, however long they are. */
const bytesOf = ({ key, modelId = '', datasetName = '', datasetDigest = '' }: Point) =>
  POINT_BYTES + 8 + Buffer.byteLength(JSON.stringify([key, modelId, datasetName, datasetDigest]));
/** Points of few metrics go to chunks of one metric each; of many to one mixed chunk, sorted out later. */
const FEW_KEYS = 4;
const MOST_MIXED = 32;

/** What `get run` finds of the metrics beside the run itself. */
export const latestOf = (items: readonly PackedItem[]): Point[] =>
  items
    .filter(({ sk }) => sk.startsWith('b#'))
    .flatMap((item) => unpackPoints({ names: String(item['latestNames']), points: item['latest'] as Uint8Array }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));

function partOf(item: Versioned | undefined): Part {
  const latest = item ? latestOf([item]) : [];
  return {
    latest: new Map(latest.map((point) => [point.key, point])),
    bytes: latest.reduce((sum, point) => sum + bytesOf(point), 0),
    revision: item?.revision ?? 0,
    tail: item?.['tail'] ? unpackPoints({ names: String(item['tailNames']), points: item['tail'] as Uint8Array }) : [],
    mixed: Number(item?.['mixed'] ?? 0),
  };
}

function itemOf(key: Key, part: Part, parts: number): PackedItem {
  const latest = packPoints([...part.latest.values()]);
  const tail = packPoints(part.tail);
  return {
    ...key,
    revision: part.revision + 1,
    writer: '',
    parts,
    mixed: part.mixed,
    latestNames: latest.names,
    latest: latest.points,
    ...(part.tail.length > 0 && { tailNames: tail.names, tail: tail.points }),
  };
}

/**
 * Logs points: history and latest values in one write. Points that are there already are not stored twice, so a
 * repeated call changes nothing.
 * @param first Part 0, where the caller has read it already
 * @throws TrackingContended, RunTooLarge
 */
export async function logPoints(
  table: Table,
  ws: string,
  runId: string,
  points: readonly Point[],
  first?: { item: Versioned | undefined },
): Promise<void> {
  if (points.length === 0) return;
  let read = first;
  let mixed = 0;
  const attempt = async () => {
    const parts = await readParts(table, ws, runId, read);
    read = undefined;
    const { changed, chunks } = append(parts, points);
    if (changed.size === 0) return;
    mixed = parts[0]?.mixed ?? 0;
    const writes: Write[] = [...changed].map((n) => {
      const part = parts[n] as Part;
      return { put: itemOf(partKey(ws, runId, n), part, parts.length), when: whenAt(part.revision) };
    });
    const puts = chunks.map((chunk) => ({ put: chunkItem(ws, runId, chunk) }));
    const [only] = writes;
    await (writes.length + puts.length === 1 && only && !('check' in only)
      ? table.write(only)
      : table.transact([...writes, ...puts]));
  };
  await whileContended(`run ${runId}: its metrics`, attempt);
  if (mixed >= MOST_MIXED) await sortOut(table, ws, runId);
}

async function readParts(
  table: Table,
  ws: string,
  runId: string,
  first?: { item: Versioned | undefined },
): Promise<Part[]> {
  const zero = first ? first.item : (((await table.getMany([partKey(ws, runId, 0)])) as Versioned[])[0] ?? undefined);
  const count = Number(zero?.['parts'] ?? 1);
  if (count === 1) return [partOf(zero)];
  const keys = Array.from({ length: count - 1 }, (_, i) => partKey(ws, runId, i + 1));
  const items = (await table.getMany(keys)) as Versioned[];
  const others = keys.map(({ sk }) => partOf(items.find((item) => item.sk === sk)));
  return [partOf(zero), ...others];
}

/** Puts points into parts; says which parts changed and which chunks the full tail became. */
function append(parts: Part[], points: readonly Point[]): { changed: Set<number>; chunks: Point[][] } {
  const changed = new Set<number>();
  const zero = parts[0] as Part;
  const known = new Set(zero.tail.map(identity));
  for (const point of points) {
    const n = partFor(parts, point.key);
    const part = parts[n] as Part;
    const before = part.latest.get(point.key);
    if (!before || byStep(point, before) > 0) {
      if (!before) part.bytes += bytesOf(point);
      part.latest.set(point.key, point);
      changed.add(n);
    }
    if (known.has(identity(point))) continue;
    // The latest value again, whose point has left the tail for a chunk.
    if (before && samePoint(point, before)) continue;
    known.add(identity(point));
    zero.tail.push(point);
    changed.add(0);
  }
  // Part 0 says how many parts there are.
  if (changed.size > 0 && parts.length > 1) changed.add(0);
  if (zero.tail.length <= TAIL) return { changed, chunks: [] };
  const byKey = Map.groupBy(zero.tail, ({ key }) => key);
  const chunks = (byKey.size <= FEW_KEYS ? [...byKey.values()] : [zero.tail]).flatMap(cut);
  if (byKey.size > FEW_KEYS) zero.mixed += chunks.length;
  zero.tail = [];
  return { changed, chunks };
}

/** Points in pieces that an item holds, however long their names are. */
function cut(points: readonly Point[]): Point[][] {
  const pieces: Point[][] = [];
  let room = 0;
  for (const point of points) {
    const bytes = bytesOf(point);
    if (room < bytes) {
      pieces.push([]);
      room = PART_BYTES;
    }
    room -= bytes;
    pieces.at(-1)?.push(point);
  }
  return pieces;
}

const identity = ({ key, value, timestamp, step }: Point) => `${timestamp} ${step} ${value} ${key}`;

function partFor(parts: Part[], key: string): number {
  const has = parts.findIndex(({ latest }) => latest.has(key));
  if (has !== -1) return has;
  const last = parts.length - 1;
  if ((parts[last] as Part).bytes < PART_BYTES) return last;
  if (parts.length === MOST_PARTS) {
    throw TrackingErrors.RunTooLarge(
      `metrics: a run's names and latest values are ${MOST_PARTS * PART_BYTES} bytes at most, ${key} is one more`,
    );
  }
  parts.push(partOf(undefined));
  return last + 1;
}

/** Named by what is in it: the same points again are the same item. */
function chunkItem(ws: string, runId: string, points: readonly Point[]): PackedItem {
  const block = packPoints(points);
  const one = points.every(({ key }) => key === points[0]?.key);
  const name = derivedId(block.names, Buffer.from(block.points).toString('base64'));
  const sk = one ? `${chunkPrefix(points[0]?.key ?? '')}${name}` : `${MIXED}${name}`;
  return { pk: runPartition(ws, runId), sk, ...block };
}

const pointsOf = (items: readonly Item[]): Point[] =>
  (items as readonly PackedItem[]).flatMap((item) =>
    unpackPoints({ names: String(item['names']), points: item['points'] as Uint8Array }),
  );

/**
 * Makes chunks of one metric each of the mixed ones, and takes those away. It may stop anywhere: a point that is in
 * two chunks counts once.
 */
async function sortOut(table: Table, ws: string, runId: string): Promise<void> {
  const pk = runPartition(ws, runId);
  const items = await table.query(pk, { prefix: MIXED });
  const byKey = Map.groupBy(pointsOf(items), ({ key }) => key);
  const chunks = [...byKey.values()].flatMap(cut);
  await inTurns(chunks, (chunk) => table.write({ put: chunkItem(ws, runId, chunk) }));
  await inTurns(items, ({ sk }) => table.write({ remove: { pk, sk } }));
  await whileContended(`run ${runId}: its metrics`, async () => {
    const [item] = (await table.getMany([partKey(ws, runId, 0)])) as Versioned[];
    if (!item) return;
    const mixed = Math.max(0, Number(item['mixed'] ?? 0) - items.length);
    await table.write({
      put: { ...item, mixed, revision: item.revision + 1, writer: newId() },
      when: whenAt(item.revision),
    });
  });
}

/** A few at a time, as many as a partition of a table takes. */
async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** All points of one metric, in order of timestamp, step and value. */
export async function readHistory(table: Table, ws: string, runId: string, key: string): Promise<Point[]> {
  const pk = runPartition(ws, runId);
  // In this order: points go from the tail to mixed chunks to those of one metric, and none is missed on its way.
  const early = await table.query(pk, { from: partKey(ws, runId, 0).sk, to: `${MIXED}~` });
  const own = await table.query(pk, { prefix: chunkPrefix(key) });
  const tail = early.flatMap((item) => (item.sk === 'b#00' ? partOf(item as unknown as Versioned).tail : []));
  const mixed = pointsOf(early.filter(({ sk }) => sk.startsWith(MIXED)));
  const points = [...pointsOf(own), ...[...mixed, ...tail].filter((point) => point.key === key)].sort(byTime);
  return points.filter((point, i) => i === 0 || !samePoint(point, points[i - 1] as Point));
}
