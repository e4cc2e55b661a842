import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';
import {
  type FoundModel,
  findModels,
  modelChanges,
  modelIdListedAt,
  modelListPartition,
} from './logged-model-store.ts';
import { CHANGE_BUCKET_SECONDS, changesPartition } from './run-store.ts';
import { SearchErrors } from './search-errors.ts';

/** All models of an experiment, deleted ones among them. */
export type ModelIndex = (ws: string, experimentId: string) => Promise<FoundModel[]>;

/**
 * Models that the function holds at most, a few KB each. It also bounds what one search in an order of its own reads:
 * that many pairs of items, once; from then on those that changed.
 */
const MOST_MODELS = 20_000;
/** A change is announced before it is made: within this time the model is looked at again. Longer than any request, and clocks differ. */
const SLACK_SECONDS = 60;
const SLACK = SLACK_SECONDS / CHANGE_BUCKET_SECONDS;
/** Models of one round of reads. */
const AT_ONCE = 2000;

interface Held {
  models: Map<string, FoundModel>;
  /** The bucket of changes in which it was read last. */
  readIn: number;
}

/** Keeps experiments' models in the function's memory and reads only those that changed. */
export function modelIndex(table: Table, clock: Clock): ModelIndex {
  const held = new Map<string, Held>();

  const read = async (ws: string, into: Held, ids: readonly string[]) => {
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      for (const found of await findModels(table, ws, ids.slice(at, at + AT_ONCE))) {
        into.models.set(found.model.modelId, found);
      }
    }
  };
  const idsOf = async (ws: string, experimentId: string, known: Held | undefined): Promise<string[]> => {
    if (!known) {
      const items = await table.query(modelListPartition(ws, experimentId), { limit: MOST_MODELS + 1 });
      if (items.length > MOST_MODELS) tooWide(experimentId);
      return items.map(({ sk }) => modelIdListedAt(sk));
    }
    const from = String(known.readIn - SLACK).padStart(12, '0');
    const changes = await table.query(changesPartition(ws, modelChanges(experimentId)), { from, to: '~' });
    return [...new Set(changes.map(({ sk }) => modelIdListedAt(sk)))];
  };
  const makeRoom = () => {
    let count = [...held.values()].reduce((sum, { models }) => sum + models.size, 0);
    for (const [name, { models }] of held) {
      if (count <= MOST_MODELS || held.size === 1) return;
      held.delete(name);
      count -= models.size;
    }
  };

  return async (ws, experimentId) => {
    const name = `${ws} ${experimentId}`;
    const readIn = Math.floor(clock().getTime() / 1000 / CHANGE_BUCKET_SECONDS);
    const known = held.get(name);
    const ids = await idsOf(ws, experimentId, known);
    const next = known ?? { models: new Map(), readIn };
    await read(ws, next, ids);
    if (next.models.size > MOST_MODELS) tooWide(experimentId);
    next.readIn = Math.max(next.readIn, readIn);
    // The one that was asked for last goes last.
    held.delete(name);
    held.set(name, next);
    makeRoom();
    return [...next.models.values()];
  };
}

function tooWide(experimentId: string): never {
  throw SearchErrors.SearchTooWide(
    `experiment ${experimentId} has more than ${MOST_MODELS} logged models: they are searched newest first, or by source_run_id, and not in another order`,
  );
}
