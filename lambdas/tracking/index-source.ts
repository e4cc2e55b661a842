import type { RunRow } from './run-row.ts';

/** Which experiment's index: its workspace and its id. */
export interface IndexedExperiment {
  workspace: string;
  experimentId: string;
}

/** An index as it was saved. */
export interface SavedIndex {
  /** Milliseconds; what changed before is in it. The newest one counts, whoever wrote it. */
  position: number;
  body: Uint8Array;
}

/**
 * Where the index reads runs and keeps its snapshots. Reads see every write that was acknowledged before they began.
 *
 * Writers announce: before a run changes, an entry with the writer's time is in the change log, and the change is
 * written or refused within WRITE_SECONDS of that time. Entries are kept 90 days.
 */
export interface IndexSource {
  /** Runs with an entry of this time (milliseconds) or later, each once. Entries of the future count too. */
  changesSince(experiment: IndexedExperiment, time: number): Promise<string[]>;
  /** What the runs are now; those that are not there (an announced creation that failed, a removal) are left out. */
  readRuns(experiment: IndexedExperiment, runIds: readonly string[]): Promise<RunRow[]>;
  /** All runs of the experiment, deleted ones too, in pieces. A run created meanwhile may be missing: it is announced. */
  readAll(experiment: IndexedExperiment): AsyncIterable<RunRow[]>;
  /** The newest snapshot, or undefined where there is none. */
  loadSnapshot(experiment: IndexedExperiment): Promise<SavedIndex | undefined>;
  /** Keeps a snapshot unless there is a newer one. */
  saveSnapshot(experiment: IndexedExperiment, saved: SavedIndex): Promise<void>;
}
