import { isDeepStrictEqual } from 'node:util';
import {
  type Condition,
  ConditionUnmet,
  type Item,
  type Key,
  keyOf,
  type PackedItem,
  type Table,
  type Write,
} from '../../lambdas/shared/table.ts';

export interface MemoryTable extends Table {
  items(): Item[];
}

/** The table port in memory. Every write is copied in and out, so a test cannot change what is stored. */
export function memoryTable(initial: readonly PackedItem[] = []): MemoryTable {
  const items = new Map<string, PackedItem>();
  const id = ({ pk, sk }: Key) => JSON.stringify([pk, sk]);
  for (const item of initial) items.set(id(item), structuredClone(item));

  const holds = (key: Key, condition: Condition): boolean => {
    const item = items.get(id(key));
    if ('absent' in condition) return item === undefined;
    if ('present' in condition) return item !== undefined;
    return (
      item !== undefined &&
      Object.entries(condition.equals).every(([name, value]) => isDeepStrictEqual(item[name], value)) &&
      (condition.lacks ?? []).every((name) => item[name] === undefined)
    );
  };

  return {
    async get(key) {
      return structuredClone(items.get(id(key))) as Item | undefined;
    },
    async query(pk, { prefix, after, from, to, descending, limit } = {}) {
      const found = [...items.values()]
        .filter((item) => item.pk === pk)
        .filter(({ sk }) => prefix === undefined || sk.startsWith(prefix))
        .filter(({ sk }) => from === undefined || to === undefined || (sk >= from && sk <= to))
        .filter(({ sk }) => after === undefined || (descending ? sk < after : sk > after))
        .sort((a, b) => (a.sk < b.sk ? -1 : 1) * (descending ? -1 : 1));
      return structuredClone(found.slice(0, limit)) as Item[];
    },
    async getMany(keys) {
      if (new Set(keys.map(id)).size !== keys.length) throw new Error('a read names the same item twice');
      return keys.flatMap((key) => structuredClone(items.get(id(key))) ?? []);
    },
    async write(write) {
      await this.transact([write]);
    },
    async transact(writes: readonly Write[]) {
      const keys = writes.map((write) => id(keyOf(write)));
      if (new Set(keys).size !== keys.length) throw new Error('a transaction names the same item twice');
      if (writes.length > 100) throw new Error(`a transaction takes at most 100 writes, got ${writes.length}`);
      const failed = writes.flatMap((write, i) => (write.when && !holds(keyOf(write), write.when) ? [i] : []));
      if (failed.length > 0) throw new ConditionUnmet(failed);
      for (const write of writes) {
        if ('put' in write) items.set(id(write.put), structuredClone(write.put));
        if ('remove' in write) items.delete(id(write.remove));
      }
    },
    items: () => structuredClone([...items.values()]) as Item[],
  };
}
