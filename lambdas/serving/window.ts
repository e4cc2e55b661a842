import type { LatencyCounts } from './latency.ts';

/**
 * What an endpoint's version did over a period, as counts only: two windows merge by adding, in any order, and the
 * merger of parts is the window of the whole.
 */
export interface WindowStats {
  requests: number;
  /** Rows predicted; a request carries one or more. */
  rows: number;
  /** Requests refused for what they asked. */
  errors4xx: number;
  /** Requests that failed for what serves them. */
  errors5xx: number;
  /** Requests by latency bucket (latency.ts), model loading not counted. */
  latency: LatencyCounts;
  /** Rows for which the model had no finite answer. */
  nan: number;
  /** Rows by bin of the bundle's baseline, for each feature. */
  features: Record<string, number[]>;
  /** Rows by bin of the bundle's baseline of its output. */
  outputs: number[];
  /** Rows by `answerBin`, which is the same for every bundle: what two versions are compared by. */
  answers: Record<string, number>;
}

export const emptyWindow = (): WindowStats => ({
  requests: 0,
  rows: 0,
  errors4xx: 0,
  errors5xx: 0,
  latency: {},
  nan: 0,
  features: {},
  outputs: [],
  answers: {},
});

/** Both together. Associative and commutative, with the empty window as its zero. */
export function mergeWindows(a: WindowStats, b: WindowStats): WindowStats {
  return {
    requests: a.requests + b.requests,
    rows: a.rows + b.rows,
    errors4xx: a.errors4xx + b.errors4xx,
    errors5xx: a.errors5xx + b.errors5xx,
    latency: addByKey(a.latency, b.latency, (x = 0, y = 0) => x + y),
    nan: a.nan + b.nan,
    features: addByKey(a.features, b.features, (x = [], y = []) => addCounts(x, y)),
    outputs: addCounts(a.outputs, b.outputs),
    answers: addByKey(a.answers, b.answers, (x = 0, y = 0) => x + y),
  };
}

export const mergeAllWindows = (windows: readonly WindowStats[]): WindowStats =>
  windows.reduce(mergeWindows, emptyWindow());

function addCounts(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => (a[i] ?? 0) + (b[i] ?? 0));
}

/** Own members only, into an object without a prototype's: a feature may have any name. */
function addByKey<Value>(
  a: Record<string, Value>,
  b: Record<string, Value>,
  add: (x: Value | undefined, y: Value | undefined) => Value,
): Record<string, Value> {
  const own = (from: Record<string, Value>, key: string) => (Object.hasOwn(from, key) ? from[key] : undefined);
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...keys].map((key) => [key, add(own(a, key), own(b, key))]));
}
