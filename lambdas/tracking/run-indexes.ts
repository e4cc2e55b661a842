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
/** An older index is made anew: each day of its age is 288 questions to the log. */
const OLDEST_MS = 7 * 86_400_000;
/** A loaded snapshot of this age is written again, so that what is searched each week stays quick to load. */
const STALE_MS = 86_400_000;
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
  /** Came of a snapshot that is old. */
  isStale?: boolean;
  /** The refresh that runs, and the one that begins after it. */
  running?: Promise<RunIndex>;
  next?: Promise<RunIndex>;
}

/** Bytes of documents that an experiment's pages may keep, and of one of them. */
const DOCUMENT_BYTES = 20_000_000;
const LARGE_DOCUMENT = 50_000;

/**
 * Documents of runs that were read for a page, good until the change log names the run: what holds for the index holds
 * for them. The same page is asked for again and again, and then reads nothing but the log.
 */
export class RunDocuments {
  readonly #kept = new Map<string, { found: FoundRun; bytes: number }>();
  bytes = 0;

  get(runId: string): FoundRun | undefined {
    return this.#kept.get(runId)?.found;
  }

  /** Those that were read longest ago go first; a large one is not kept. */
  keep(found: FoundRun): void {
    const bytes = bytesOf(found);
    if (bytes > LARGE_DOCUMENT) return;
    this.delete(found.run.runId);
    this.#kept.set(found.run.runId, { found, bytes });
    this.bytes += bytes;
    for (const runId of this.#kept.keys()) {
      if (this.bytes <= DOCUMENT_BYTES) return;
      this.delete(runId);
    }
  }

  delete(runId: string): void {
    this.bytes -= this.#kept.get(runId)?.bytes ?? 0;
    this.#kept.delete(runId);
  }

  clear(): void {
    this.#kept.clear();
    this.bytes = 0;
  }
}

/** About what it takes in memory: the items as they were read, and the document made of them. */
const bytesOf = ({ items }: FoundRun): number =>
  items.reduce((sum, { doc, bytes, latest }) => {
    const packed = ((bytes ?? latest) as Uint8Array | undefined)?.byteLength ?? 0;
    return sum + 1000 + String(doc ?? '').length * 3 + packed * 4;
  }, 0);

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
      documents: new RunDocuments(),
    };
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    const index = await this.#joined(experiment, entry);
    entry.bytes = index.bytes + entry.documents.bytes;
    this.#evict(entry);
    return index;
  }

  /** What is remembered of an experiment's runs, as of its last refresh. */
  documentsOf({ workspace, experimentId }: IndexedExperiment): RunDocuments {
    return this.#entries.get(`${workspace} ${experimentId}`)?.documents ?? new RunDocuments();
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
      entry.isStale = index !== undefined && this.#options.clock().getTime() - index.position > STALE_MS;
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
    const isDue = entry.isStale || entry.changed.size > Math.max(dueRuns, index.size * DUE_PART);
    if (!isDue || now < entry.noSnapshotBefore) return;
    try {
      await this.#options.source.saveSnapshot(experiment, { position: index.position, body: encodeIndex(index) });
      entry.changed.clear();
      entry.isStale = false;
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
