import type { Table } from '../shared/table.ts';
import { type EdgeEntry, edgeEntry, type TokenItem } from './edge-record.ts';

/** The port to the edge's key-value store. Both calls may be repeated. */
export interface EdgeKeys {
  put(key: string, value: string): Promise<void>;
  /** What is not there already is fine. */
  remove(key: string): Promise<void>;
}

export const publishEntry = (keys: EdgeKeys, { key, value }: EdgeEntry): Promise<void> =>
  value === undefined ? keys.remove(key) : keys.put(key, value);

/** Every token and login that there is: for an edge that is newer than they are. */
export async function publishAll({ table, keys }: { table: Table; keys: EdgeKeys }): Promise<{ published: number }> {
  let published = 0;
  for (const partition of ['tokens', 'sessions']) {
    for (const item of await table.query(partition)) {
      const entry = edgeEntry(item as unknown as TokenItem);
      if (!entry) continue;
      // Also those that are not taken any more: whatever said so before may have been lost.
      await publishEntry(keys, entry);
      if (entry.value === undefined) continue;
      published++;
      // What was revoked since it was read must not be back at the edge.
      const now = (await table.get(item)) ?? { pk: item.pk, sk: item.sk };
      const since = edgeEntry(now as unknown as TokenItem);
      if (since && since.value !== entry.value) await publishEntry(keys, since);
    }
  }
  return { published };
}
