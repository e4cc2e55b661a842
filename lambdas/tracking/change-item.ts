import { newId } from '../shared/ids.ts';
import { type RetryOptions, retrying } from '../shared/retry.ts';
import { type Condition, ConditionUnmet, type Key, type PackedItem, type Table, type Write } from '../shared/table.ts';
import { TrackingErrors } from './errors.ts';

/** An item that is changed by who read it: `revision` counts changes, `writer` names who made the last one. */
export type Versioned = PackedItem & { revision: number; writer: string };

/** What a change makes of the item; `also` stands in the same transaction. Without `put` nothing is written. */
export interface Planned<Result> {
  put?: Omit<PackedItem, 'revision' | 'writer'>;
  also?: readonly Write[];
  result: Result;
}

export const whenAt = (revision: number): Condition => (revision === 0 ? { absent: true } : { equals: { revision } });

/**
 * Repeats what was written under a condition, while others are first.
 * @throws TrackingContended when they were at every attempt
 */
export async function whileContended<T>(what: string, attempt: () => Promise<T>, retry: RetryOptions = {}): Promise<T> {
  try {
    return await retrying(attempt, (error) => error instanceof ConditionUnmet, { attempts: 40, maxMs: 300, ...retry });
  } catch (error) {
    if (!(error instanceof ConditionUnmet)) throw error;
    throw TrackingErrors.TrackingContended(`${what}: others changed it at every attempt`, { cause: error });
  }
}

/**
 * Reads an item, plans on it and writes under the revision that was read; a lost race plans again. Where an answer was
 * lost, the item says whether the change is in it.
 * @throws TrackingContended when others changed it at every attempt
 */
export async function changeItem<Result>(
  table: Table,
  key: Key,
  plan: (item: Versioned | undefined) => Planned<Result> | Promise<Planned<Result>>,
  retry: RetryOptions = {},
): Promise<Result> {
  const writer = newId();
  let last: Result | undefined;
  const attempt = async () => {
    const [item] = (await table.getMany([{ pk: key.pk, sk: key.sk }])) as Versioned[];
    if (item?.writer === writer) return last as Result;
    const { put, also = [], result } = await plan(item);
    if (!put) return result;
    last = result;
    const revision = item?.revision ?? 0;
    const own = { put: { ...put, ...key, revision: revision + 1, writer } as PackedItem, when: whenAt(revision) };
    await (also.length === 0 ? table.write(own) : table.transact([own, ...also]));
    return result;
  };
  return whileContended(`${key.pk} ${key.sk}`, attempt, retry);
}
