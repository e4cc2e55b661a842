import {
  GENESIS,
  LEDGER_ACTIONS,
  type LedgerEntry,
  type LedgerEntryInput,
  type LedgerHead,
  linkOf,
} from '../../lambdas/lineage/ledger.ts';
import { ref } from '../../lambdas/lineage/ref.ts';

export const aLedgerEntry = (changed: Partial<LedgerEntryInput> = {}): LedgerEntryInput => ({
  subject: ref('model', 'default', 'rain'),
  action: LEDGER_ACTIONS[2],
  at: '2026-11-21T12:00:00.000Z',
  actor: 'token-1',
  detail: { version: 1 },
  ...changed,
});

/** A chain of entries with its head, as writers leave it. */
export function aChain(inputs: readonly LedgerEntryInput[]): { entries: LedgerEntry[]; head: LedgerHead } {
  const entries: LedgerEntry[] = [];
  let head = GENESIS;
  for (const input of inputs) {
    const entry = linkOf(head, input);
    entries.push(entry);
    head = { sequence: entry.sequence, hash: entry.hash };
  }
  return { entries, head };
}
