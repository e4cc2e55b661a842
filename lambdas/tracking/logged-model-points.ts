import { byStep, byTime, type Point, packPoints, unpackPoints } from './point-block.ts';
import type { DocumentKind } from './split-document.ts';

/**
 * Points that a model keeps. A model is measured a few times, and then all of its points are there, as with MLflow's
 * own server. A loop that logs thousands with one model leaves the newest, and each metric's latest of each run and
 * dataset: what an item of seven KB holds is written once more with each call.
 */
export const MOST_MODEL_POINTS = 250;

/** A point as its model has it: the run that logged it is a part of it. */
export type ModelPoint = Point & { runId: string };

const seriesOf = ({ key, runId, datasetName = '', datasetDigest = '' }: ModelPoint): string =>
  JSON.stringify([key, runId, datasetName, datasetDigest]);
const identityOf = (point: ModelPoint): string => `${point.timestamp} ${point.step} ${point.value} ${seriesOf(point)}`;

/** A model's points with these; the same ones again change nothing. */
export function withModelPoints(before: readonly ModelPoint[], points: readonly ModelPoint[]): readonly ModelPoint[] {
  const known = new Map(before.map((point) => [identityOf(point), point]));
  const fresh = points.filter((point) => !known.has(identityOf(point)));
  if (fresh.length === 0) return before;
  for (const point of fresh) known.set(identityOf(point), point);
  const kept = thinned([...known.values()]);
  const old = new Set(before);
  const isSame = kept.length === before.length && kept.every((point) => old.has(point));
  return isSame ? before : kept;
}

function thinned(points: readonly ModelPoint[]): ModelPoint[] {
  const sorted = [...points].sort(byTime);
  if (sorted.length <= MOST_MODEL_POINTS) return sorted;
  const latest = new Map<string, ModelPoint>();
  for (const point of sorted) {
    const other = latest.get(seriesOf(point));
    if (!other || byStep(point, other) > 0) latest.set(seriesOf(point), point);
  }
  const needed = new Set(latest.values());
  const others = sorted.filter((point) => !needed.has(point));
  const room = Math.max(0, MOST_MODEL_POINTS - needed.size);
  return [...needed, ...others.slice(others.length - room)].sort(byTime);
}

/** A block behind the length of its names. */
export const POINTS_DOCUMENT: DocumentKind<readonly ModelPoint[]> = {
  pack(points) {
    const block = packPoints(points);
    const names = Buffer.from(block.names);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(names.length);
    return Buffer.concat([length, names, block.points]);
  },
  unpack(bytes) {
    const buffer = Buffer.from(bytes);
    const end = 4 + buffer.readUInt32LE(0);
    const names = buffer.subarray(4, end).toString();
    return unpackPoints({ names, points: new Uint8Array(buffer.subarray(end)) }) as ModelPoint[];
  },
  isText: false,
};
