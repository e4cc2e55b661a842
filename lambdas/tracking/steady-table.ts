import { PlatformError } from '../shared/errors.ts';
import { type RetryOptions, retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Table } from '../shared/table.ts';

/** Repeats a call while it fails for want of an answer. */
export const steadily = <T>(call: () => Promise<T>, retry: RetryOptions = {}): Promise<T> =>
  retrying(call, (error) => !(error instanceof PlatformError || error instanceof ConditionUnmet), {
    attempts: 7,
    maxMs: 500,
    ...retry,
  });

/**
 * A table whose calls are repeated while they fail for want of an answer. MLflow's clients send a POST again after a
 * 5xx, so what was written is found out here instead. A repeated write may raise ConditionUnmet for itself.
 */
export function steadyTable(table: Table, retry: RetryOptions = {}): Table {
  const steady = <T>(call: () => Promise<T>) => steadily(call, retry);
  return {
    get: (key) => steady(() => table.get(key)),
    getMany: (keys) => steady(() => table.getMany(keys)),
    query: (pk, range) => steady(() => table.query(pk, range)),
    write: (write) => steady(() => table.write(write)),
    transact: (writes) => steady(() => table.transact(writes)),
  };
}
