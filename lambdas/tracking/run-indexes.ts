import type { Clock } from '../shared/clock.ts';
import { decodeIndex, encodeIndex } from './index-snapshot.ts';
import type { IndexedExperiment, IndexSource } from './index-source.ts';
import { RunIndex } from './run-index.ts';
import type { FoundRun } from './run-store.ts';

/**
 * How far before its position an index reads the change log again: an entry's bucket may begin 10 s before its
 * announcement, the change follows within 30 s, and 20 s are left for clocks that differ.
 */
const OVERLAP_MS = 60_000;
/** Log entries live 90 days; an index that is older cannot be brought up to date. A day is left for clocks and delays. */
const OLDEST_MS = 89 * 86_400_000;
/** The part of an experiment's runs that must have been read after the last snapshot for another one to be written. */
const DUE_PART = 0.1;
/** After a snapshot failed to be written, the next search does not try again at once. */
const RETRY_SNAPSHOT_MS = 300_000;

export interface RunIndexesOptions {
  source: IndexSource;
  clock: Clock;
  /** Bytes of memory for indexes. The one in use stays, however large. */
  budgetBytes: number;
  /**
   * Runs that are read after a snapshot before another one is written, if they are a tenth of all.
   * @default 500
   */
  dueRuns?: number;
  /** Told when a snapshot could not be read or written; searches go on without. */
  onSnapshotFailure: (experiment: IndexedExperiment, error: unknown) => void;
}

interface Entry {
  index?: RunIndex;
  /** Runs read since the snapshot: what a cold start would read again. */
  changed: Set<string>;
  bytes: number;
  noSnapshotBefore: number;
  documents: RunDocuments;
  /** The refresh that runs, and the one that begins after it. */
  running?: Promise<RunIndex>;
  next?: Promise<RunIndex>;
}

/**
 * Documents of runs that were read for a page, good until the change log names the run: what holds for the index holds
 * for them. The table shows them again with each poll of a page, so most pages read nothing but the log.
 */
export type RunDocuments = Map<string, FoundRun>;
/** Documents of an experiment that are kept, some kilobytes each. */
const MOST_DOCUMENTS = 2000;

/** Remembers documents; those that were read longest ago go first. */
export function keepDocuments(kept: RunDocuments, found: readonly FoundRun[]): void {
  for (const one of found) kept.set(one.run.runId, one);
  for (const runId of kept.keys()) {
    if (kept.size <= MOST_DOCUMENTS) return;
    kept.delete(runId);
  }
}

/** The indexes that this function holds, brought up to date for each search. */
export class RunIndexes {
  readonly #options: RunIndexesOptions;
  /** In order of use, the latest last. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: RunIndexesOptions) {
    this.#options = options;
  }

  /** The experiment's index with everything in it that was acknowledged before this call. */
  async fresh(experiment: IndexedExperiment): Promise<RunIndex> {
    const name = `${experiment.workspace} ${experiment.experimentId}`;
    const entry: Entry = this.#entries.get(name) ?? {
      changed: new Set<string>(),
      bytes: 0,
      noSnapshotBefore: 0,
      documents: new Map(),
    };
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    const index = await this.#joined(experiment, entry);
    entry.bytes = index.bytes;
    this.#evict(entry);
    return index;
  }

  /** What is remembered of an experiment's runs, as of its last refresh. */
  documentsOf({ workspace, experimentId }: IndexedExperiment): RunDocuments {
    return this.#entries.get(`${workspace} ${experimentId}`)?.documents ?? new Map();
  }

  /** One refresh at a time. One that began before this call may have missed its writes; one that waits has not begun. */
  #joined(experiment: IndexedExperiment, entry: Entry): Promise<RunIndex> {
    if (!entry.running) return this.#begin(experiment, entry);
    entry.next ??= entry.running
      .catch(() => undefined)
      .then(() => {
        entry.next = undefined;
        return this.#begin(experiment, entry);
      });
    return entry.next;
  }

  #begin(experiment: IndexedExperiment, entry: Entry): Promise<RunIndex> {
    const running = this.#refresh(experiment, entry).finally(() => {
      if (entry.running === running) entry.running = undefined;
    });
    entry.running = running;
    return running;
  }

  async #refresh(experiment: IndexedExperiment, entry: Entry): Promise<RunIndex> {
    const held = this.#usable(entry.index);
    // Another index has seen other changes than the documents have.
    if (!held) entry.documents.clear();
    const index = held ?? (await this.#load(experiment, entry)) ?? (await this.#read(experiment, entry));
    entry.index = index;
    const position = this.#options.clock().getTime();
    const { source } = this.#options;
    const changed = await source.changesSince(experiment, index.position - OVERLAP_MS);
    if (changed.length > 0) {
      const rows = new Map((await source.readRuns(experiment, changed)).map((row) => [row.runId, row]));
      for (const runId of changed) {
        entry.documents.delete(runId);
        const row = rows.get(runId);
        if (row) index.put(row);
        else index.remove(runId);
        entry.changed.add(runId);
      }
    }
    // A clock that was set back moves no position back: what the index has read, it has read.
    index.position = Math.max(index.position, position);
    await this.#saveWhenDue(experiment, entry, index);
    return index;
  }

  #usable(index: RunIndex | undefined): RunIndex | undefined {
    return index && this.#options.clock().getTime() - index.position < OLDEST_MS ? index : undefined;
  }

  async #load(experiment: IndexedExperiment, entry: Entry): Promise<RunIndex | undefined> {
    try {
      const saved = await this.#options.source.loadSnapshot(experiment);
      const index = this.#usable(saved && decodeIndex(saved.body));
      if (index) entry.changed.clear();
      return index;
    } catch (error) {
      this.#options.onSnapshotFailure(experiment, error);
      return undefined;
    }
  }

  /** Reads every run. What changes meanwhile is announced after the position, and read again. */
  async #read(experiment: IndexedExperiment, entry: Entry): Promise<RunIndex> {
    const index = new RunIndex(this.#options.clock().getTime());
    entry.changed.clear();
    for await (const rows of this.#options.source.readAll(experiment)) {
      for (const row of rows) {
        index.put(row);
        entry.changed.add(row.runId);
      }
    }
    return index;
  }

  async #saveWhenDue(experiment: IndexedExperiment, entry: Entry, index: RunIndex): Promise<void> {
    const now = this.#options.clock().getTime();
    const { dueRuns = 500 } = this.#options;
    if (entry.changed.size <= Math.max(dueRuns, index.size * DUE_PART) || now < entry.noSnapshotBefore) return;
    try {
      await this.#options.source.saveSnapshot(experiment, { position: index.position, body: encodeIndex(index) });
      entry.changed.clear();
    } catch (error) {
      entry.noSnapshotBefore = now + RETRY_SNAPSHOT_MS;
      this.#options.onSnapshotFailure(experiment, error);
    }
  }

  /** Forgets the indexes that were used longest ago, until the rest fit. */
  #evict(used: Entry): void {
    let bytes = this.#entries.values().reduce((sum, entry) => sum + entry.bytes, 0);
    for (const [name, entry] of this.#entries) {
      if (bytes <= this.#options.budgetBytes) return;
      if (entry === used || entry.running) continue;
      bytes -= entry.bytes;
      this.#entries.delete(name);
    }
  }
}
