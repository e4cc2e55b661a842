import type { IndexedExperiment, IndexSource, SavedIndex } from '../../lambdas/tracking/index-source.ts';
import type { RunRow } from '../../lambdas/tracking/run-row.ts';

const BUCKET_MS = 10_000;
const KEPT_MS = 90 * 86_400_000;

export interface MemoryIndexSource extends IndexSource {
  /** What a writer does before a change: the entry lies in the bucket of the writer's time. */
  announce(runId: string, time: number): void;
  /** Drops the entries that the table's expiry would have dropped by then. */
  expire(now: number): void;
  /** By run id. */
  runs: Map<string, RunRow>;
  snapshots: Map<string, SavedIndex>;
  /** How often each was asked, and how many runs were read. */
  asked: { changes: number; runs: number; all: number; loads: number; saves: number };
}

/**
 * One experiment's runs in memory; every experiment asked for has the same.
 * @param step Awaited before and after each look at the state: a test lets others in between
 */
export function memoryIndexSource(step: (what: string) => Promise<void> = async () => {}): MemoryIndexSource {
  let log: { bucket: number; runId: string }[] = [];
  const runs = new Map<string, RunRow>();
  const snapshots = new Map<string, SavedIndex>();
  const asked = { changes: 0, runs: 0, all: 0, loads: 0, saves: 0 };
  const look = async <T>(what: string, at: () => T): Promise<T> => {
    await step(`${what} asked`);
    const found = at();
    await step(`${what} answered`);
    return found;
  };
  const name = ({ workspace, experimentId }: IndexedExperiment) => `${workspace} ${experimentId}`;
  return {
    ...{ runs, snapshots, asked },
    announce: (runId, time) => void log.push({ bucket: Math.floor(time / BUCKET_MS), runId }),
    expire: (now) => {
      log = log.filter(({ bucket }) => bucket * BUCKET_MS > now - KEPT_MS);
    },
    changesSince: (_, time) =>
      look('changes', () => {
        asked.changes++;
        const from = Math.floor(time / BUCKET_MS);
        return [...new Set(log.filter(({ bucket }) => bucket >= from).map(({ runId }) => runId))];
      }),
    readRuns: (_, runIds) =>
      look('runs', () => {
        asked.runs += runIds.length;
        return runIds.map((runId) => runs.get(runId)).filter((row) => row !== undefined);
      }),
    async *readAll() {
      const ids = [...runs.keys()];
      for (let at = 0; at < ids.length; at += 3) {
        yield await look('all', () => {
          const rows = ids.slice(at, at + 3).map((runId) => runs.get(runId));
          asked.all += rows.length;
          return rows.filter((row) => row !== undefined);
        });
      }
    },
    loadSnapshot: (experiment) =>
      look('load', () => {
        asked.loads++;
        return snapshots.get(name(experiment));
      }),
    saveSnapshot: (experiment, saved) =>
      look('save', () => {
        asked.saves++;
        const before = snapshots.get(name(experiment));
        if (!before || before.position < saved.position) snapshots.set(name(experiment), saved);
      }),
  };
}
