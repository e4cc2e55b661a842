import type { Int64 } from './int64.ts';

/** One logged value of a metric. */
export interface Point {
  key: string;
  value: number;
  /** Milliseconds since 1970. */
  timestamp: Int64;
  step: Int64;
  /** The logged model and the dataset that it was measured on. */
  modelId?: string;
  datasetName?: string;
  datasetDigest?: string;
  /** The run that logged it, where it stands with its model. */
  runId?: string;
}

/**
 * Points as an item holds them: names once, then 28 bytes a point, little-endian: key (u16), context (u16; 0 is none),
 * value (f64), timestamp (i64), step (i64). Doubles stay doubles: DynamoDB's numbers have no NaN and end at 1e126.
 */
export interface PointBlock {
  /** JSON: keys, and contexts from 1 on. */
  names: string;
  points: Uint8Array;
}

export const POINT_BYTES = 28;
/** Model, dataset name, its digest, and run where there is one. */
type Context = [string | null, string | null, string | null, string?];

/** At most 65,535 different keys. */
export function packPoints(points: readonly Point[]): PointBlock {
  const keys = new Map<string, number>();
  const contexts = new Map<string, number>();
  const bytes = new Uint8Array(points.length * POINT_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, point] of points.entries()) {
    const at = i * POINT_BYTES;
    view.setUint16(at, indexOf(keys, point.key, 0), true);
    view.setUint16(at + 2, contextOf(contexts, point), true);
    view.setFloat64(at + 4, point.value, true);
    view.setBigInt64(at + 12, BigInt(point.timestamp), true);
    view.setBigInt64(at + 20, BigInt(point.step), true);
  }
  const named = [...contexts.keys()].map((text) => JSON.parse(text) as Context);
  return { names: JSON.stringify([[...keys.keys()], named]), points: bytes };
}

function indexOf(known: Map<string, number>, name: string, first: number): number {
  const found = known.get(name);
  if (found !== undefined) return found;
  known.set(name, known.size + first);
  return known.size - 1 + first;
}

function contextOf(known: Map<string, number>, { modelId, datasetName, datasetDigest, runId }: Point): number {
  if ((modelId ?? datasetName ?? datasetDigest ?? runId) === undefined) return 0;
  const context: Context = [modelId ?? null, datasetName ?? null, datasetDigest ?? null];
  return indexOf(known, JSON.stringify(runId === undefined ? context : [...context, runId]), 1);
}

export function unpackPoints({ names, points }: PointBlock): Point[] {
  const [keys, contexts] = JSON.parse(names) as [string[], Context[]];
  const found = contexts.map(([modelId, datasetName, datasetDigest, runId]) => ({
    ...(modelId !== null && { modelId }),
    ...(datasetName !== null && { datasetName }),
    ...(datasetDigest !== null && { datasetDigest }),
    ...(runId !== undefined && { runId }),
  }));
  const view = new DataView(points.buffer, points.byteOffset, points.byteLength);
  return Array.from({ length: points.length / POINT_BYTES }, (_, i) => {
    const at = i * POINT_BYTES;
    const context = view.getUint16(at + 2, true);
    return {
      key: keys[view.getUint16(at, true)] as string,
      value: view.getFloat64(at + 4, true),
      timestamp: int64At(view, at + 12),
      step: int64At(view, at + 20),
      ...(context > 0 && found[context - 1]),
    };
  });
}

/** A number where one holds it: arithmetic on two halves is cheaper than a bigint for each. */
function int64At(view: DataView, at: number): Int64 {
  const high = view.getInt32(at + 4, true);
  if (high >= -0x200000 && high < 0x200000) return high * 4294967296 + view.getUint32(at, true);
  return view.getBigInt64(at, true);
}

/** By step, then timestamp, then value: the last one is a metric's latest. NaN stands below every number. */
export const byStep = (a: Point, b: Point): number =>
  compare(a.step, b.step) || compare(a.timestamp, b.timestamp) || compareValues(a.value, b.value);

/** By timestamp, then step, then value: a history's order. */
export const byTime = (a: Point, b: Point): number =>
  compare(a.timestamp, b.timestamp) || compare(a.step, b.step) || compareValues(a.value, b.value);

const compare = (a: Int64, b: Int64): number => (a < b ? -1 : a > b ? 1 : 0);
const compareValues = (a: number, b: number): number =>
  Number.isNaN(a) ? (Number.isNaN(b) ? 0 : -1) : Number.isNaN(b) ? 1 : a - b;

/** The same value logged again is the same point. */
export const samePoint = (a: Point, b: Point): boolean => a.key === b.key && byTime(a, b) === 0;
