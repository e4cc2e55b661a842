import { derivedId } from '../shared/ids.ts';
import { type RetryOptions, retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Item, type Table, type Write } from '../shared/table.ts';
import { type Edge, edgeWrites } from './edge.ts';
import { LineageErrors } from './errors.ts';
import { GENESIS, headKey, type LedgerEntryInput, type LedgerHead, ledgerWrites } from './ledger.ts';
import { outboxWrite, type PlatformEvent } from './outbox.ts';

/** What becomes true together: facts, the edges between things, a ledger entry and an event. */
export interface Commit {
  facts: readonly Write[];
  edges?: readonly Edge[];
  entry?: LedgerEntryInput;
  event?: PlatformEvent;
}

/**
 * Writes all of a commit or nothing of it, in one transaction. Another writer on the same ledger chain only makes it
 * read the head again; a condition of `facts` that does not hold is the caller's to explain.
 *
 * @throws ConditionUnmet with positions in `facts`, when one of their conditions did not hold
 * @throws LedgerContended when the chain's head moved at every attempt
 */
export async function commit(
  table: Table,
  { facts, edges = [], entry, event }: Commit,
  retry: RetryOptions = {},
): Promise<void> {
  const rest = [...edges.flatMap(edgeWrites), ...(event ? [outboxWrite(event)] : [])];
  const attempt = async () => {
    const link = entry ? ledgerWrites(await headOf(table, entry), entry) : [];
    try {
      await table.transact(unique([...facts, ...link, ...rest]));
    } catch (error) {
      if (!(error instanceof ConditionUnmet)) throw error;
      const mine = error.failed.filter((position) => position < facts.length);
      if (mine.length > 0) throw new ConditionUnmet(mine);
      throw LineageErrors.LedgerContended(`the ledger of ${entry?.subject} moved while ${entry?.action} was written`, {
        cause: error,
      });
    }
  };
  await retrying(attempt, (error) => error instanceof Error && error.name === 'LedgerContended', {
    attempts: 12,
    ...retry,
  });
}

async function headOf(table: Table, { subject }: LedgerEntryInput): Promise<LedgerHead> {
  return ((await table.get(headKey(subject))) as (Item & LedgerHead) | undefined) ?? GENESIS;
}

/** Two edges of one commit may be the same; a transaction names an item once. Facts come first and win. */
function unique(writes: readonly Write[]): Write[] {
  const seen = new Map<string, Write>();
  for (const write of writes) {
    const { pk, sk } = 'put' in write ? write.put : 'remove' in write ? write.remove : write.check;
    const id = derivedId(pk, sk);
    if (!seen.has(id)) seen.set(id, write);
  }
  return [...seen.values()];
}
