import { byStep, type Point, samePoint } from './point-block.ts';

/**
 * At most so many points of a history, evenly over the points in order of their steps: the first of each of that many
 * even buckets, and the last of all.
 */
export function sampled(points: readonly Point[], most: number): Point[] {
  const sorted = [...points].sort(byStep);
  const buckets = Math.min(most, sorted.length);
  // As SQL's NTILE has it: the first buckets are one longer where it does not come out even.
  const size = Math.floor(sorted.length / buckets);
  const longer = sorted.length % buckets;
  const found = Array.from({ length: buckets }, (_, i) => sorted[i * size + Math.min(i, longer)] as Point);
  const last = sorted.at(-1);
  if (!last || samePoint(found.at(-1) as Point, last)) return found;
  return found.length >= most ? [...found.slice(0, -1), last] : [...found, last];
}
