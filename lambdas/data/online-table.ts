import { type Digest, digestOfJson, hexOf } from '../shared/digest.ts';
import { ConditionUnmet, type Item, type Key, type Table, type Write } from '../shared/table.ts';
import type { Edition, FeatureValues, MaterialisationFailure, Materialised, NamedSet } from './feature-answers.ts';

/** Features of one entity, as of its latest row. `values` is null of an entity that has no rows any more. */
export interface EntityRow {
  entity: FeatureValues;
  values: FeatureValues | null;
  /** When its latest row was known, ISO 8601 UTC: an offline join at this time gives these values. */
  asOf: string | null;
}

export type OnlineRow = EntityRow & Edition;

/** A set's one changing item in the online table. */
export interface OnlineState {
  /** Counts the materialisations that have begun. Only the one that began last may write. */
  turn: number;
  materialised?: Materialised;
  /** Versions of which rows may be there without all: of materialisations that did not end, or not yet. */
  begun: Digest[];
}

const partition = ({ workspace, set }: NamedSet, what: string) => `${workspace}#${set}#${what}`;
/** A digest, because names of things may be longer than a key, and may be what nobody should read in a key. */
const rowKey = (named: NamedSet, entity: FeatureValues): Key => ({
  pk: partition(named, hexOf(digestOfJson(entity))),
  sk: 'values',
});
const stateKey = (named: NamedSet): Key => ({ pk: partition(named, 'state'), sk: 'state' });
const failureKey = (named: NamedSet): Key => ({ pk: partition(named, 'state'), sk: 'failure' });

async function read<T>(table: Table, key: Key): Promise<T | undefined> {
  const item = await table.get(key);
  if (!item) return undefined;
  const { pk: _pk, sk: _sk, ...rest } = item;
  return rest as unknown as T;
}

export const onlineRow = (online: Table, named: NamedSet, entity: FeatureValues): Promise<OnlineRow | undefined> =>
  read<OnlineRow>(online, rowKey(named, entity));

export const onlineState = async (online: Table, named: NamedSet): Promise<OnlineState> =>
  (await read<OnlineState>(online, stateKey(named))) ?? { turn: 0, begun: [] };

export const failureOf = (online: Table, named: NamedSet): Promise<MaterialisationFailure | undefined> =>
  read<MaterialisationFailure>(online, failureKey(named));

export const recordFailure = (online: Table, named: NamedSet, failure: MaterialisationFailure): Promise<void> =>
  online.transact([{ put: { ...failureKey(named), ...failure } }]);

const isTurn = (turn: number) => (turn === 0 ? ({ absent: true } as const) : { equals: { turn } });

async function fenced(online: Table, writes: readonly Write[]): Promise<boolean> {
  try {
    await online.transact(writes);
    return true;
  } catch (error) {
    if (error instanceof ConditionUnmet) return false;
    throw error;
  }
}

/**
 * Takes the next turn, after which no materialisation that began before can write any more. Whoever then reads what is
 * the newest reads at least what those before had read, so the table never becomes older.
 * @returns false when someone else took it first
 */
export const beginTurn = (
  online: Table,
  named: NamedSet,
  { turn, begun, ...before }: OnlineState,
  version: Digest,
): Promise<boolean> => {
  const next: OnlineState = { ...before, turn: turn + 1, begun: [...new Set([...begun, version])] };
  return fenced(online, [{ put: { ...stateKey(named), ...next } as unknown as Item, when: isTurn(turn) }]);
};

/** Rows of one transaction: DynamoDB takes 100 writes, and 4 MB of them. */
const AT_ONCE = 50;

/** Writes rows while it is this turn. @returns false when a later one has begun */
export async function writeRows(
  online: Table,
  named: NamedSet,
  { turn, ...edition }: Edition & { turn: number },
  rows: readonly EntityRow[],
): Promise<boolean> {
  const check: Write = { check: stateKey(named), when: isTurn(turn) };
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    const puts = rows.slice(at, at + AT_ONCE).map((row) => ({
      put: { ...rowKey(named, row.entity), ...row, ...edition } as unknown as Item,
    }));
    if (!(await fenced(online, [check, ...puts]))) return false;
  }
  return true;
}

/** Ends the turn: the table is of this edition, whole, and the failure before is over. @returns false as above */
export const endTurn = (online: Table, named: NamedSet, turn: number, materialised: Materialised): Promise<boolean> => {
  const next: OnlineState = { turn, materialised, begun: [] };
  return fenced(online, [
    { put: { ...stateKey(named), ...next } as unknown as Item, when: isTurn(turn) },
    { remove: failureKey(named) },
  ]);
};
