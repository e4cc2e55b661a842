import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';
import { CHANGE_BUCKET_SECONDS, changedSince } from './change-log.ts';
import {
  type FoundModel,
  findModels,
  modelChanges,
  modelIdListedAt,
  modelListPartition,
} from './logged-model-store.ts';
import { SearchErrors } from './search-errors.ts';

/** All models of an experiment, deleted ones among them. */
export type ModelIndex = (ws: string, experimentId: string) => Promise<FoundModel[]>;

/** Models of one experiment: what its first search in an order of its own reads, two items each. */
const MOST_MODELS = 20_000;
/** Of the function's memory. */
const MODEL_BYTES = 150_000_000;
/** A change is announced before it is made: within this time the model is looked at again. Longer than any request, and clocks differ. */
const SLACK_SECONDS = 60;
/** Models of one round of reads. */
const AT_ONCE = 2000;

interface Held {
  models: Map<string, FoundModel>;
  bytes: number;
  /** The bucket of changes in which it was read last. */
  readIn: number;
}

/** Keeps experiments' models in the function's memory and reads only those that changed. */
export function modelIndex(table: Table, clock: Clock, budget = MODEL_BYTES): ModelIndex {
  const held = new Map<string, Held>();

  const idsOf = async (ws: string, experimentId: string, known: Held | undefined): Promise<string[]> => {
    if (!known) {
      const items = await table.query(modelListPartition(ws, experimentId), { limit: MOST_MODELS + 1 });
      if (items.length > MOST_MODELS) tooWide(experimentId, budget);
      return items.map(({ sk }) => modelIdListedAt(sk));
    }
    const since = known.readIn * CHANGE_BUCKET_SECONDS - SLACK_SECONDS;
    return changedSince({ table, clock }, ws, modelChanges(experimentId), since);
  };
  const makeRoom = () => {
    let bytes = [...held.values()].reduce((sum, each) => sum + each.bytes, 0);
    for (const [name, each] of held) {
      if (bytes <= budget) return;
      held.delete(name);
      bytes -= each.bytes;
    }
  };

  return async (ws, experimentId) => {
    const name = `${ws} ${experimentId}`;
    const readIn = Math.floor(clock().getTime() / 1000 / CHANGE_BUCKET_SECONDS);
    const known = held.get(name);
    const ids = await idsOf(ws, experimentId, known);
    const next: Held = known ?? { models: new Map(), bytes: 0, readIn };
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      for (const found of await findModels(table, ws, ids.slice(at, at + AT_ONCE))) put(next, found);
      if (next.models.size <= MOST_MODELS && next.bytes <= budget) continue;
      held.delete(name);
      tooWide(experimentId, budget);
    }
    next.readIn = Math.max(next.readIn, readIn);
    // The one that was asked for last goes last.
    held.delete(name);
    held.set(name, next);
    makeRoom();
    return [...next.models.values()];
  };
}

function put(into: Held, found: FoundModel): void {
  const before = into.models.get(found.model.modelId);
  into.bytes += bytesOf(found) - (before ? bytesOf(before) : 0);
  into.models.set(found.model.modelId, found);
}

/** About what a model takes as objects, and what searches make of it: a point is two, texts have two bytes a character. */
const bytesOf = ({ model, points }: FoundModel): number =>
  2000 + 300 * points.length + 2 * (lengthOf(model.params) + lengthOf(model.tags));
const lengthOf = (record: Readonly<Record<string, string>>): number =>
  Object.entries(record).reduce((sum, [key, value]) => sum + key.length + value.length + 50, 0);

function tooWide(experimentId: string, budget: number): never {
  throw SearchErrors.SearchTooWide(
    `experiment ${experimentId}: it has more than ${MOST_MODELS} logged models or ${budget} bytes of them, which are searched newest first or by source_run_id, and in no other order`,
  );
}
