import { createHash } from 'node:crypto';
import type { ObjectStore } from '../shared/objects.ts';
import type { RetryOptions } from '../shared/retry.ts';
import { ConditionUnmet, type Item, type Key, type Table } from '../shared/table.ts';
import { CONTEXT_TAG, type Dataset, datasetView } from './dataset.ts';
import type { DatasetInput, Run } from './run.ts';
import { steadily } from './steady-table.ts';

/** One entry of a search for datasets. */
export interface DatasetSummary {
  experiment_id: string;
  name: string;
  digest: string;
  context?: string;
}

/** The datasets that runs read. */
export interface Datasets {
  /** Keeps a dataset; one that is known stays as it is. */
  keep(ws: string, experimentId: string, dataset: Dataset): Promise<void>;
  /** Notes that a run of the experiment reads a dataset, and as what. */
  note(ws: string, experimentId: string, input: DatasetInput): Promise<void>;
  /** The inputs of each of these runs as MLflow shows them. What they share is read once. */
  inputsOf(ws: string, runs: readonly Pick<Run, 'experimentId' | 'datasets'>[]): Promise<object[][]>;
  /** Names, digests and contexts in order of the names' hashes. */
  summaries(ws: string, experimentId: string, most: number): Promise<DatasetSummary[]>;
}

export interface DatasetStoreOptions {
  table: Table;
  /** The artifacts zone. */
  objects: Pick<ObjectStore, 'get' | 'create'>;
  retry?: RetryOptions;
}

/** Bytes of a description in its item; longer ones are objects. DynamoDB takes 400 KB. */
const ITEM_BYTES = 200_000;
/** Bytes of descriptions that the function remembers. */
const MEMORY_BYTES = 64_000_000;
/** Bytes of a run's descriptions in an answer, of which Lambda takes six MB: beyond them profiles, then schemas are left out. */
const RUN_BYTES = 3_100_000;

const hashOf = (...texts: string[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 40);
const partition = (ws: string, experimentId: string) => `${ws}#datasets#${experimentId}`;
const keyOf = (ws: string, experimentId: string, { name, digest }: Pick<Dataset, 'name' | 'digest'>): Key => ({
  pk: partition(ws, experimentId),
  sk: `d#${hashOf(name, digest)}`,
});

/** Outside of what clients reach by the artifact routes: nobody replaces what a description is. */
const objectKey = (ws: string, doc: string): string =>
  `${ws}/tracking/datasets/${createHash('sha256').update(doc).digest('hex')}.json`;

/**
 * Descriptions never change, so that what was read once is remembered, and a long one is an object named by its bytes.
 */
export function datasetStore({ table, objects, retry = {} }: DatasetStoreOptions): Datasets {
  const remembered = memory();
  // A lost answer is found out here: clients send again what was answered with a 5xx.
  const steady = <T>(call: () => Promise<T>) => steadily(call, retry);

  const read = async (ws: string, item: Item): Promise<Dataset> => {
    const key = item['object'];
    const bytes = typeof key === 'string' ? await steady(() => objects.get(key)) : undefined;
    if (typeof key === 'string' && !bytes) throw new Error(`${key}: a dataset's description is gone from ${ws}`);
    return JSON.parse(bytes ? Buffer.from(bytes).toString() : String(item['doc'])) as Dataset;
  };

  return {
    async keep(ws, experimentId, dataset) {
      const key = keyOf(ws, experimentId, dataset);
      if (remembered.get(key)) return;
      const found = await table.get(key);
      if (found) return;
      const doc = JSON.stringify(dataset);
      const isLong = Buffer.byteLength(doc) > ITEM_BYTES;
      const object = objectKey(ws, doc);
      if (isLong) await steady(() => objects.create(object, doc, 'application/json'));
      try {
        await table.write({ put: { ...key, ...(isLong ? { object } : { doc }) }, when: { absent: true } });
      } catch (error) {
        // Another run was first, or this very write: either way it is there.
        if (!(error instanceof ConditionUnmet)) throw error;
      }
    },
    async note(ws, experimentId, { name, digest, tags }) {
      const context = tags.find(({ key }) => key === CONTEXT_TAG)?.value;
      const sk = `s#${hashOf(name, digest)}#${context === undefined ? '' : hashOf(context)}`;
      const put = { pk: partition(ws, experimentId), sk, name, digest, ...(context !== undefined && { context }) };
      await table.write({ put });
    },
    async inputsOf(ws, runs) {
      const known = new Map<string, Dataset>();
      const unknown = new Map<string, Key>();
      for (const { experimentId, datasets } of runs) {
        for (const input of datasets) {
          const key = keyOf(ws, experimentId, input);
          const found = remembered.get(key);
          if (found) known.set(idOf(key), found);
          else unknown.set(idOf(key), key);
        }
      }
      const items = await table.getMany([...unknown.values()]);
      await Promise.all(
        items.map(async (item) => {
          const dataset = await read(ws, item as Item);
          remembered.set(item, dataset);
          known.set(idOf(item), dataset);
        }),
      );
      return runs.map(({ experimentId, datasets }) => {
        let room = RUN_BYTES;
        return datasets.map((input) => {
          const bare: Dataset = { name: input.name, digest: input.digest, sourceType: '', source: '' };
          const { shown, bytes } = shortened(known.get(idOf(keyOf(ws, experimentId, input))) ?? bare, room);
          room -= bytes;
          return { dataset: datasetView(shown), tags: input.tags };
        });
      });
    },
    async summaries(ws, experimentId, most) {
      const items = await table.query(partition(ws, experimentId), { prefix: 's#', limit: most });
      return items.map(({ name, digest, context }) => ({
        experiment_id: experimentId,
        name: String(name),
        digest: String(digest),
        ...(context !== undefined && { context: String(context) }),
      }));
    },
  };
}

const idOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;
const bytesOf = (dataset: Dataset): number => Buffer.byteLength(JSON.stringify(dataset));

function shortened(dataset: Dataset, room: number): { shown: Dataset; bytes: number } {
  const { profile: _profile, ...withoutProfile } = dataset;
  const { schema: _schema, ...short } = withoutProfile;
  for (const shown of [dataset, withoutProfile]) {
    const bytes = bytesOf(shown);
    if (bytes <= room) return { shown, bytes };
  }
  return { shown: short, bytes: bytesOf(short) };
}

/** What was read last, within a number of bytes. */
function memory() {
  const known = new Map<string, { dataset: Dataset; bytes: number }>();
  let bytes = 0;
  return {
    get: (key: Key): Dataset | undefined => known.get(idOf(key))?.dataset,
    set(key: Key, dataset: Dataset): void {
      const entry = { dataset, bytes: bytesOf(dataset) };
      bytes += entry.bytes - (known.get(idOf(key))?.bytes ?? 0);
      known.set(idOf(key), entry);
      for (const [oldest, { bytes: freed }] of known) {
        if (bytes <= MEMORY_BYTES || oldest === idOf(key)) return;
        known.delete(oldest);
        bytes -= freed;
      }
    },
  };
}
