import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GENESIS, LEDGER_ACTIONS, type LedgerEntry, verifyLedger } from '../../lambdas/lineage/ledger.ts';
import { digestOfJson } from '../../lambdas/shared/digest.ts';
import { aChain, aLedgerEntry } from '../builders/ledger.ts';

const anInput = fc
  .record({
    action: fc.constantFrom(...LEDGER_ACTIONS),
    actor: fc.string(),
    detail: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
  })
  .map(aLedgerEntry);
const chains = (least: number) => fc.array(anInput, { minLength: least, maxLength: 12 }).map(aChain);
const withPosition = (least: number) =>
  chains(least).chain((chain) => fc.tuple(fc.constant(chain), fc.nat(chain.entries.length - 1)));

describe('a chain of the ledger', () => {
  test('begins at a fixed place and counts from one', () => {
    const { entries } = aChain([aLedgerEntry(), aLedgerEntry()]);
    expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(entries[0]?.previous).toBe(GENESIS.hash);
    expect(entries[1]?.previous).toBe(entries[0]?.hash);
  });

  test('hashes everything that it says', () => {
    const [entry] = aChain([aLedgerEntry()]).entries as [LedgerEntry];
    const { hash, ...said } = entry;
    expect(hash).toBe(digestOfJson(said));
    for (const name of Object.keys(said)) expect(digestOfJson({ ...said, [name]: 'other' })).not.toBe(hash);
  });

  test('is intact as writers left it', () => {
    fc.assert(
      fc.property(chains(0), ({ entries, head }) => {
        expect(verifyLedger(entries, entries.length === 0 ? undefined : head)).toEqual({
          intact: true,
          entries: entries.length,
        });
      }),
    );
  });

  test('shows an edit of any field of any entry, at that entry', () => {
    const fields = ['action', 'at', 'actor', 'detail', 'subject'] as const;
    fc.assert(
      fc.property(withPosition(1), fc.constantFrom(...fields), ([{ entries, head }, i], field) => {
        const edited = entries.map((entry, j) => (j === i ? { ...entry, [field]: 'forged' } : entry)) as LedgerEntry[];
        expect(verifyLedger(edited, head)).toMatchObject({ intact: false, broken: { sequence: i + 1 } });
      }),
    );
  });

  test('shows an edit whose own hash was made right again, at the entry behind it or at the head', () => {
    fc.assert(
      fc.property(withPosition(1), ([{ entries, head }, i]) => {
        const edited = entries.map((entry, j) => {
          if (j !== i) return entry;
          const { hash: _hash, ...said } = { ...entry, actor: `${entry.actor} forged` };
          return { ...said, hash: digestOfJson(said) };
        });
        expect(verifyLedger(edited, head)).toMatchObject({ intact: false, broken: { sequence: i + 2 } });
      }),
    );
  });

  test('shows a deletion anywhere', () => {
    fc.assert(
      fc.property(withPosition(1), ([{ entries, head }, i]) => {
        const cut = entries.filter((_, j) => j !== i);
        expect(verifyLedger(cut, head)).toMatchObject({ intact: false, broken: { sequence: i + 1 } });
      }),
    );
  });

  test('shows a cut end, however much of it is gone', () => {
    fc.assert(
      fc.property(withPosition(1), ([{ entries, head }, kept]) => {
        expect(verifyLedger(entries.slice(0, kept), head)).toMatchObject({ intact: false });
      }),
    );
  });

  test('shows a head that is gone or belongs to another chain', () => {
    const { entries, head } = aChain([aLedgerEntry()]);
    expect(verifyLedger(entries, undefined).intact).toBe(false);
    expect(verifyLedger(entries, { ...head, hash: 'sha256:0' }).intact).toBe(false);
    expect(verifyLedger([], head).intact).toBe(false);
  });

  test('shows entries in another order', () => {
    fc.assert(
      fc.property(
        chains(2).chain((chain) =>
          fc.tuple(fc.constant(chain), fc.shuffledSubarray(chain.entries, { minLength: chain.entries.length })),
        ),
        ([{ entries, head }, shuffled]) => {
          const moved = shuffled.some((entry, i) => entry !== entries[i]);
          expect(verifyLedger(shuffled, head).intact).toBe(!moved);
        },
      ),
    );
  });

  test('shows an entry put in between, with hashes of its own', () => {
    fc.assert(
      fc.property(withPosition(1), ([{ entries, head }, i]) => {
        const before = { sequence: i, hash: entries[i]?.previous as string };
        const said = { ...aLedgerEntry({ actor: 'forger' }), sequence: before.sequence + 1, previous: before.hash };
        const forged = [...entries.slice(0, i), { ...said, hash: digestOfJson(said) }, ...entries.slice(i)];
        expect(verifyLedger(forged, head).intact).toBe(false);
      }),
    );
  });
});
