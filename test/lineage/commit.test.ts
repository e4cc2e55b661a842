import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Commit, commit } from '../../lambdas/lineage/commit.ts';
import { readLedger, verifySubject } from '../../lambdas/lineage/graph.ts';
import { headKey } from '../../lambdas/lineage/ledger.ts';
import { eventOf, type PlatformEvent } from '../../lambdas/lineage/outbox.ts';
import { factKey, ref } from '../../lambdas/lineage/ref.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import { ConditionUnmet, type Table, type Write } from '../../lambdas/shared/table.ts';
import { aLedgerEntry } from '../builders/ledger.ts';
import { AnswerLost, faulty } from '../fakes/faulty.ts';
import { memoryTable } from '../fakes/memory-table.ts';

const RAIN = ref('model', 'default', 'rain');
const VERSION = ref('model-version', 'default', 'rain/1');
const RUN = ref('run', 'default', 'r1');
const anEvent = (changed: Partial<PlatformEvent> = {}): PlatformEvent => ({
  id: 'e1',
  workspace: 'default',
  domain: 'registry',
  type: 'ModelVersionRegistered',
  detail: { model: 'rain', version: 1 },
  ...changed,
});
const aFact = (thing = VERSION): Write => ({ put: { ...factKey(thing), version: 1 }, when: { absent: true } });
const aCommit = (changed: Partial<Commit> = {}): Commit => ({
  facts: [aFact()],
  edges: [{ from: VERSION, relation: 'trained-by', to: RUN }],
  entry: aLedgerEntry(),
  event: anEvent(),
  ...changed,
});

describe('a commit', () => {
  test('writes the fact, both ends of each edge, the ledger entry with its head, and the event', async () => {
    const table = memoryTable();
    await commit(table, aCommit());
    expect(table.items().map(({ pk, sk }) => `${pk} ${sk}`)).toEqual(
      expect.arrayContaining([
        'default#model-version#rain/1 fact',
        `default#model-version#rain/1 out#trained-by#${RUN}`,
        `default#run#r1 in#trained-by#${VERSION}`,
        'default#model#rain ledger-head',
        'default#model#rain ledger#000000000001',
        'default#outbox#e1 event',
      ]),
    );
    expect(table.items()).toHaveLength(6);
    await expect(verifySubject(table, RAIN)).resolves.toEqual({ intact: true, entries: 1 });
  });

  test('of facts alone writes facts alone', async () => {
    const table = memoryTable();
    await commit(table, { facts: [aFact()] });
    expect(table.items()).toHaveLength(1);
  });

  test('the row of an event carries the whole event, and goes after two weeks', async () => {
    const table = memoryTable();
    await commit(table, aCommit());
    const row = table.items().find(({ sk }) => sk === 'event');
    expect(eventOf(row)).toEqual(anEvent());
    const days = ((row?.['expiresAt'] as number) - Date.now() / 1000) / 86_400;
    expect(days).toBeGreaterThan(13.9);
    expect(days).toBeLessThan(14.1);
  });

  test('whose fact is there already writes nothing and names the fact by its position', async () => {
    const table = memoryTable();
    await commit(table, aCommit());
    const before = table.items();
    const again = commit(
      table,
      aCommit({ facts: [{ put: { pk: 'x', sk: 'y' } }, aFact()], event: anEvent({ id: 'e2' }) }),
    );
    await expect(again).rejects.toBeInstanceOf(ConditionUnmet);
    await expect(again).rejects.toMatchObject({ failed: [1] });
    expect(table.items()).toEqual(before);
  });

  test('may name the same edge twice', async () => {
    const table = memoryTable();
    const edge = { from: VERSION, relation: 'trained-by', to: RUN } as const;
    await commit(table, { facts: [aFact()], edges: [edge, edge] });
    expect(table.items()).toHaveLength(3);
  });

  test('of twenty writers at the same chain gives twenty links, none lost and none twice', async () => {
    const table = memoryTable();
    const writers = Array.from({ length: 20 }, (_, i) =>
      commit(table, {
        facts: [aFact(ref('model-version', 'default', `rain/${i}`))],
        entry: aLedgerEntry({ detail: { version: i } }),
      }),
    );
    const ends = await Promise.allSettled(writers);
    const written = ends.filter(({ status }) => status === 'fulfilled').length;
    for (const end of ends)
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ name: 'LedgerContended' });
    await expect(verifySubject(table, RAIN)).resolves.toEqual({ intact: true, entries: written });
    expect(table.items().filter(({ sk }) => sk === 'fact')).toHaveLength(written);
    expect(written).toBeGreaterThanOrEqual(12);
  });

  test('that finds the chain moved at every attempt gives up with an error of its own, and has written nothing', async () => {
    const table = memoryTable();
    let moves = 0;
    const contended: Table = {
      ...table,
      async get(key) {
        const item = await table.get(key);
        await table.transact([{ put: { ...headKey(RAIN), sequence: ++moves, hash: `sha256:${moves}` } }]);
        return item;
      },
    };
    const attempt = commit(contended, aCommit(), { sleep: async () => {} });
    await expect(attempt).rejects.toMatchObject({
      name: 'LedgerContended',
      kind: 'conflict',
      message: expect.stringContaining('model:default/rain'),
    });
    expect(table.items().map(({ sk }) => sk)).toEqual(['ledger-head']);
    expect(moves).toBe(12);
  });

  test('passes on what the store says when it is no condition', async () => {
    const table = faulty(memoryTable(), () => undefined);
    table.transact = async () => {
      throw SharedErrors.ServiceThrottled('the table is throttled');
    };
    await expect(commit({ ...memoryTable(), transact: table.transact }, aCommit())).rejects.toMatchObject({
      name: 'ServiceThrottled',
    });
  });

  test('is whole or absent, wherever calls are lost and however writers interleave', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom('before', 'after', undefined), { minLength: 60, maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        async (scheduler, faults, writers) => {
          const table = memoryTable();
          let call = 0;
          const port = faulty(
            table,
            () => faults[call++ % faults.length],
            () => scheduler.schedule(Promise.resolve()),
          );
          const commits = Array.from({ length: writers }, (_, i) => {
            const thing = ref('model-version', 'default', `rain/${i}`);
            const parts = {
              facts: [aFact(thing)],
              edges: [{ from: thing, relation: 'trained-by', to: RUN } as const],
              entry: aLedgerEntry({ detail: { version: i } }),
              event: anEvent({ id: `e${i}` }),
            };
            return commit(port, parts, { sleep: async () => {} });
          });
          const ends = Promise.allSettled(commits);
          await scheduler.waitFor(ends);

          const entries = await readLedger(table, RAIN);
          await expect(verifySubject(table, RAIN)).resolves.toMatchObject({ intact: true });
          const items = table.items();
          const has = (pk: string, sk: string) => items.some((item) => item.pk === pk && item.sk === sk);
          for (const [i, end] of (await ends).entries()) {
            const pk = `default#model-version#rain/${i}`;
            const parts = [
              has(pk, 'fact'),
              has(pk, `out#trained-by#${RUN}`),
              has('default#run#r1', `in#trained-by#model-version:default/rain/${i}`),
              has(`default#outbox#e${i}`, 'event'),
              entries.filter(({ detail }) => detail['version'] === i).length === 1,
            ];
            // All of a commit or none of it; what was acknowledged is there.
            expect(new Set(parts).size).toBe(1);
            if (end.status === 'fulfilled') expect(parts[0]).toBe(true);
            else expect(end.reason.name).toMatch(/^(AnswerLost|LedgerContended)$/);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('that is sent again after its answer was lost is refused, not written twice', async () => {
    const table = memoryTable();
    let lost = false;
    const port = faulty(table, (method) => {
      if (method !== 'transact' || lost) return undefined;
      lost = true;
      return 'after';
    });
    await expect(commit(port, aCommit())).rejects.toBeInstanceOf(AnswerLost);
    await expect(commit(port, aCommit())).rejects.toMatchObject({ failed: [0] });
    await expect(readLedger(table, RAIN)).resolves.toHaveLength(1);
  });
});
