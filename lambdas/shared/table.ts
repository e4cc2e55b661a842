/** The port to a table of items: DynamoDB on AWS, a map in tests. Reads are strongly consistent. */

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
/** Packed bytes stand beside values, as attributes of their own. */
export type Attribute = Value | Uint8Array;
export interface Key {
  pk: string;
  sk: string;
}
export type Item<A extends Attribute = Value> = Key & Record<string, A>;
export type PackedItem = Item<Attribute>;

/** Holds against the item as it is when the transaction runs. */
export type Condition =
  | { absent: true }
  | { present: true }
  /** `lacks`: attributes that the item must not have. */
  | { equals: Record<string, Value>; lacks?: readonly string[] };

export type Write =
  | { put: Item<Attribute>; when?: Condition }
  | { remove: Key; when?: Condition }
  | { check: Key; when: Condition };

/** Part of a partition: a prefix, or both ends of an interval (inclusive), or all of it. */
export interface Range {
  prefix?: string;
  from?: string;
  to?: string;
  /** Begins behind this position (exclusive): the sort key that a page ended at. */
  after?: string;
  descending?: boolean;
  limit?: number;
}

export interface Table {
  get(key: Key): Promise<Item | undefined>;
  query(pk: string, range?: Range): Promise<Item[]>;
  /** The items of these keys that are there, in any order; the keys differ. */
  getMany(keys: readonly Key[]): Promise<PackedItem[]>;
  /**
   * One write, at half a transaction's price. Where the service's answer is lost it is sent again, so `ConditionUnmet`
   * may also mean that this very write was made before: callers look at what is there.
   */
  write(write: Exclude<Write, { check: Key }>): Promise<void>;
  /**
   * All writes or none; at most 100. A condition that does not hold raises `ConditionUnmet`, which lists the failed writes.
   * @throws ServiceThrottled when the store asks to come again
   */
  transact(writes: readonly Write[]): Promise<void>;
}

/** A transaction's conditions did not hold: the positions of the writes that failed. Callers turn it into their own words. */
export class ConditionUnmet extends Error {
  override readonly name = 'ConditionUnmet';
  readonly failed: readonly number[];

  constructor(failed: readonly number[]) {
    super(`condition of write ${failed.join(', ')} did not hold`);
    this.failed = failed;
  }
}

export const keyOf = (write: Write): Key =>
  'put' in write ? write.put : 'remove' in write ? write.remove : write.check;
