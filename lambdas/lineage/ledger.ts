import { digestOfJson } from '../shared/digest.ts';
import type { Item, Key, Value, Write } from '../shared/table.ts';
import { partitionOf, type Ref } from './ref.ts';

/** What a ledger entry says happened. */
export const LEDGER_ACTIONS = [
  'dataset-created',
  'dataset-spec-changed',
  'dataset-version-registered',
  'features-applied',
  'features-materialised',
  'dataset-version-imported',
  'dataset-version-pinned',
  'dataset-version-unpinned',
  'dataset-version-tagged',
  'dataset-version-untagged',
  'dataset-version-deleted',
  'dataset-version-reinstated',
  'dataset-version-erased',
  'spec-applied',
  'model-version-registered',
  'model-version-bundled',
  'model-version-deleted',
  'model-deleted',
  'model-renamed',
  'champion-chosen',
  'champion-withdrawn',
  'rollout-started',
  'rollout-completed',
  'rollout-refused',
  'rollout-rolled-back',
  'retraining-requested',
  'retraining-suppressed',
] as const;
export type LedgerAction = (typeof LEDGER_ACTIONS)[number];

/** What a writer says; the chain adds position and hashes. */
export interface LedgerEntryInput {
  /** The model or dataset whose chain it joins. */
  subject: Ref;
  action: LedgerAction;
  /** ISO 8601, UTC. */
  at: string;
  /** Token id or workflow that did it. */
  actor: string;
  detail: Record<string, Value>;
}

/** One link: `hash` is the digest of the canonical JSON of everything else, `previous` is the link before. */
export interface LedgerEntry extends LedgerEntryInput {
  sequence: number;
  previous: string;
  hash: string;
}

export interface LedgerHead {
  sequence: number;
  hash: string;
}

/** Where a chain begins: nothing was before. */
export const GENESIS: LedgerHead = { sequence: 0, hash: digestOfJson({ millrace: 'ledger', version: 1 }) };

export const headKey = (subject: Ref): Key => ({ pk: partitionOf(subject), sk: 'ledger-head' });
export const ENTRY_PREFIX = 'ledger#';
const entryKey = (sequence: number) => `${ENTRY_PREFIX}${String(sequence).padStart(12, '0')}`;

export function linkOf(head: LedgerHead, input: LedgerEntryInput): LedgerEntry {
  const link = { ...input, sequence: head.sequence + 1, previous: head.hash };
  return { ...link, hash: digestOfJson(link) };
}

/** The writes that put a link behind `head`; they fail together when another link came first. */
export function ledgerWrites(head: LedgerHead, input: LedgerEntryInput): Write[] {
  const link = linkOf(head, input);
  const key = headKey(input.subject);
  return [
    {
      put: { ...key, sequence: link.sequence, hash: link.hash },
      when: head.sequence === 0 ? { absent: true } : { equals: { sequence: head.sequence, hash: head.hash } },
    },
    { put: { pk: key.pk, sk: entryKey(link.sequence), ...link } as unknown as Item, when: { absent: true } },
  ];
}

export function asLedgerEntry({ pk: _pk, sk: _sk, ...entry }: Item): LedgerEntry {
  return entry as unknown as LedgerEntry;
}

export interface LedgerVerdict {
  intact: boolean;
  entries: number;
  /** The first place where the chain does not hold, and why. */
  broken?: { sequence: number; reason: string };
}

/** Walks a chain from its first link to its head: an edit, a gap, a reorder or a cut end breaks it. */
export function verifyLedger(entries: readonly LedgerEntry[], head: LedgerHead | undefined): LedgerVerdict {
  let last = GENESIS;
  const broken = (sequence: number, reason: string): LedgerVerdict => ({
    intact: false,
    entries: entries.length,
    broken: { sequence, reason },
  });
  for (const { hash, ...link } of entries) {
    if (link.sequence !== last.sequence + 1)
      return broken(last.sequence + 1, `expected entry ${last.sequence + 1}, got ${link.sequence}`);
    if (link.previous !== last.hash) return broken(link.sequence, 'does not follow the entry before it');
    if (digestOfJson(link) !== hash) return broken(link.sequence, 'its content is not what was hashed');
    last = { sequence: link.sequence, hash };
  }
  const end = head ?? GENESIS;
  if (end.sequence !== last.sequence || end.hash !== last.hash) {
    return broken(last.sequence + 1, `the chain's head is entry ${end.sequence}, its last entry is ${last.sequence}`);
  }
  return { intact: true, entries: entries.length };
}
