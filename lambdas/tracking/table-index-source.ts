import type { Clock } from '../shared/clock.ts';
import type { ObjectStore } from '../shared/objects.ts';
import type { Item, Key, Table } from '../shared/table.ts';
import { changeItem } from './change-item.ts';
import { changedSince } from './change-log.ts';
import type { IndexedExperiment, IndexSource, SavedIndex } from './index-source.ts';
import { latestOf } from './metric-store.ts';
import { type RunRow, runRowOf } from './run-row.ts';
import { findRuns, RUN_LISTS, runListPartition } from './run-store.ts';

/** Runs of one read: two hundred items, two requests. */
const RUNS_IN_READ = 100;
/** Reads at the same time. */
const READS = 8;

const pointerKey = ({ workspace, experimentId }: IndexedExperiment): Key => ({
  pk: `${workspace}#index#${experimentId}`,
  sk: 'snapshot',
});

/** The search index over the tracking table, and snapshots in the artifacts zone. */
export function tableIndexSource({
  table,
  clock,
  objects,
}: {
  table: Table;
  clock: Clock;
  objects: Pick<ObjectStore, 'get' | 'put'>;
}): IndexSource {
  const readRuns = async ({ workspace }: IndexedExperiment, runIds: readonly string[]): Promise<RunRow[]> =>
    (await findRuns(table, workspace, runIds)).map(({ run, items }) => runRowOf(run, latestOf(items)));
  const readMany = async (experiment: IndexedExperiment, runIds: readonly string[]): Promise<RunRow[]> => {
    const rows: RunRow[] = [];
    for (const group of groupsOf(runIds, RUNS_IN_READ * READS)) {
      const read = await Promise.all(groupsOf(group, RUNS_IN_READ).map((ids) => readRuns(experiment, ids)));
      rows.push(...read.flat());
    }
    return rows;
  };
  return {
    changesSince: ({ workspace, experimentId }, time) =>
      changedSince({ table, clock }, workspace, experimentId, time / 1000),
    readRuns: readMany,
    async *readAll(experiment) {
      const { workspace, experimentId } = experiment;
      const lists = await Promise.all(
        Array.from({ length: RUN_LISTS }, (_, n) => table.query(runListPartition(workspace, experimentId, n))),
      );
      const runIds = lists.flat().map(({ sk }) => sk);
      for (const group of groupsOf(runIds, RUNS_IN_READ * READS)) yield await readMany(experiment, group);
    },
    async loadSnapshot(experiment) {
      const pointer = await table.get(pointerKey(experiment));
      if (!pointer) return undefined;
      const body = await objects.get(objectKey(experiment, String(pointer['slot'])));
      return body && { position: Number(pointer['position']), body };
    },
    async saveSnapshot(experiment, { position, body }: SavedIndex) {
      const pointer = await table.get(pointerKey(experiment));
      if (Number(pointer?.['position'] ?? -1) >= position) return;
      // Written beside the one in use, which readers may be loading; two objects are all there ever are.
      const slot = pointer?.['slot'] === 'a' ? 'b' : 'a';
      await objects.put(objectKey(experiment, slot), body);
      await changeItem(table, pointerKey(experiment), (item) =>
        Number(item?.['position'] ?? -1) >= position
          ? { result: undefined }
          : { put: { ...pointerKey(experiment), position, slot } as Item, result: undefined },
      );
    },
  };
}

const objectKey = ({ workspace, experimentId }: IndexedExperiment, slot: string): string =>
  `${workspace}/tracking/index/${experimentId}/${slot}`;

const groupsOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
