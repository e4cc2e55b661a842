import type { Clock } from '../shared/clock.ts';
import { retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Table, type Write } from '../shared/table.ts';
import { latencyQuantile } from './latency.ts';
import { endpointMetric } from './names.ts';
import type { Metric, PublishMetrics } from './ports.ts';
import { parseLine } from './request-line.ts';
import { mergeWindows, type WindowStats } from './window.ts';
import { windowOfLine } from './window-of-line.ts';
import { storedWindow, WINDOW_PARTS, type WindowKey, windowStart, windowWrite } from './window-store.ts';

/** Lines of log as they were delivered; the same delivery has the same id. */
export interface LogBatch {
  id: string;
  lines: readonly string[];
}

export interface CollectDeps {
  windows: Table;
  publish: PublishMetrics;
  clock: Clock;
  /** The part of each window that this collector writes. */
  part: OwnPart;
}

/** A collector keeps to its part until it meets another one there; the first is everybody's until then. */
export interface OwnPart {
  current: number;
}

interface KeyedWindow {
  key: Omit<WindowKey, 'part'>;
  stats: WindowStats;
}

/** A transaction takes a hundred writes; one delivery rarely has more than two windows. */
const WINDOWS_AT_ONCE = 50;
/** CloudWatch Logs delivers again for at most a day. */
const MARKER_SECONDS = 2 * 24 * 3600;

/**
 * Adds a delivery's requests to their windows, exactly once however often it is delivered, and publishes metrics,
 * at least once: windows are the record, metrics are the signal, and a lost signal is worse than one told twice.
 */
export async function collectWindows(deps: CollectDeps, { id, lines }: LogBatch): Promise<void> {
  const parsed = lines.map(parseLine).filter((line) => line !== undefined);
  const keyed = groupByWindow(parsed.flatMap((line) => ('prediction' in line ? [line.prediction] : [])));
  for (let i = 0; i < keyed.length; i += WINDOWS_AT_ONCE) {
    await addOnce(deps, `${id}-${i}`, keyed.slice(i, i + WINDOWS_AT_ONCE));
  }
  const refused = parsed.flatMap((line) => ('refused' in line ? [line.refused.endpoint] : []));
  const metrics = [...metricsOf(keyed), ...refused.map(refusal)];
  if (metrics.length > 0) await deps.publish(metrics);
}

function groupByWindow(lines: readonly Parameters<typeof windowOfLine>[0][]): KeyedWindow[] {
  const groups = new Map<string, KeyedWindow>();
  for (const line of lines) {
    const { workspace, endpoint, functionVersion } = line;
    const key = { workspace, endpoint, functionVersion, start: windowStart(line.at) };
    const id = JSON.stringify(key);
    const stats = windowOfLine(line);
    const before = groups.get(id);
    groups.set(id, { key, stats: before ? mergeWindows(before.stats, stats) : stats });
  }
  return [...groups.values()];
}

/** The marker of this delivery and all its windows, in one transaction; where another collector writes, another part. */
async function addOnce(
  { windows, clock, part }: CollectDeps,
  id: string,
  added: readonly KeyedWindow[],
): Promise<void> {
  const now = clock();
  const marker: Write = {
    put: {
      pk: `${added[0]?.key.workspace}#batch#${id}`,
      sk: 'merged',
      expiresAt: Math.floor(now.getTime() / 1000) + MARKER_SECONDS,
    },
    when: { absent: true },
  };
  const attempt = async () => {
    const writes = added.map(async ({ key, stats }) => {
      const whole = { ...key, part: part.current };
      return windowWrite(whole, await storedWindow(windows, whole), stats, now);
    });
    try {
      await windows.transact([marker, ...(await Promise.all(writes))]);
    } catch (error) {
      if (!(error instanceof ConditionUnmet)) throw error;
      if (error.failed.includes(0)) return;
      part.current = Math.floor(Math.random() * WINDOW_PARTS);
      throw error;
    }
  };
  await retrying(attempt, (error) => error instanceof ConditionUnmet, { attempts: 12, baseMs: 5 });
}

/** What the delivery adds to the endpoints' metrics. */
function metricsOf(keyed: readonly KeyedWindow[]): Metric[] {
  const byEndpoint = new Map<string, WindowStats>();
  for (const { key, stats } of keyed) {
    const before = byEndpoint.get(key.endpoint);
    byEndpoint.set(key.endpoint, before ? mergeWindows(before, stats) : stats);
  }
  return [...byEndpoint].flatMap(([endpoint, stats]): Metric[] => [
    { name: endpointMetric(endpoint, 'requests'), value: stats.requests, unit: 'Count' },
    { name: endpointMetric(endpoint, 'errors'), value: stats.errors5xx, unit: 'Count' },
    {
      name: endpointMetric(endpoint, 'latency-p99'),
      value: latencyQuantile(stats.latency, 0.99) ?? 0,
      unit: 'Milliseconds',
    },
  ]);
}

const refusal = (endpoint: string): Metric => ({
  name: endpointMetric(endpoint, 'bundle-refused'),
  value: 1,
  unit: 'Count',
});
