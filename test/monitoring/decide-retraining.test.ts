import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readLedger, ref } from '../../lambdas/lineage/contract.ts';
import { type DecideDeps, decideRetraining } from '../../lambdas/monitoring/decide-retraining.ts';
import { type DriftReport, reportWrite } from '../../lambdas/monitoring/drift-report.ts';
import { stateWrite } from '../../lambdas/monitoring/drift-state.ts';
import { listRetrainings } from '../../lambdas/monitoring/list-retrainings.ts';
import { startAt } from '../../lambdas/monitoring/unjudged-rows.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { RetrainingRequested } from '../../lambdas/training/contract.ts';
import { aDriftReport } from '../builders/drift-report.ts';
import { aWatchedEndpoint } from '../builders/watched-endpoint.ts';
import { faulty } from '../fakes/faulty.ts';
import { type MemoryTable, memoryTable } from '../fakes/memory-table.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-21T04:00:00.000Z');
const firing = (minutes: number, endpoint = 'rain') => ({
  endpoint,
  state: 'alarm' as const,
  at: new Date(START + minutes * MINUTE).toISOString(),
  reason: 'Threshold Crossed',
});

let table: MemoryTable;
const deps = (given: Partial<DecideDeps> = {}): DecideDeps => ({
  table,
  clock: () => new Date(START),
  endpoints: [aWatchedEndpoint(), aWatchedEndpoint({ endpoint: 'rain-eu' })],
  cooldownMinutes: 60,
  retry: { sleep: async () => {} },
  ...given,
});
const events = () => table.items().filter(({ sk }) => sk === 'event');
const list = () => listRetrainings({ table }, { model: 'rain', limit: 100 }, 'default');

async function withReport(given: Partial<DriftReport> = {}): Promise<DriftReport> {
  const report = aDriftReport(given);
  const state = { functionVersion: '1', mark: startAt(0), check: report.check, report: report.id, unpublished: false };
  await table.transact([
    stateWrite('default', report.endpoint, undefined, state),
    reportWrite('default', report, START / 1000 + 60),
  ]);
  return report;
}

beforeEach(() => {
  table = memoryTable();
});

describe('a drift alarm', () => {
  test('starts a retraining: a fact, an edge to the report, a ledger entry and one event', async () => {
    const report = await withReport();
    const decision = await decideRetraining(deps(), firing(0));
    expect(decision).toEqual({ decision: 'requested', retraining: 'retraining:default/rain/1' });
    const { retrainings } = await list();
    expect(retrainings).toEqual([
      {
        id: 'rain/1',
        model: 'rain',
        number: 1,
        endpoint: 'rain',
        reason: 'drift at endpoint rain: wind has PSI 0.91 over 365 rows, drift is from 0.2 on',
        requestedAt: new Date(START).toISOString(),
        alarm: { at: firing(0).at, reason: 'Threshold Crossed' },
        report: report.id,
        dedupe: 'retraining/rain/1',
        suppressedBefore: 0,
      },
    ]);
    expect(await readLedger(table, ref('model', 'default', 'rain'))).toMatchObject([
      { action: 'retraining-requested', actor: 'monitoring/decide-retraining', detail: { id: 'rain/1' } },
    ]);
    expect(table.items()).toContainEqual(
      expect.objectContaining({
        pk: 'default#retraining#rain/1',
        sk: `out#caused-by#drift-report:default/${report.id}`,
      }),
    );
    const [event] = events();
    const { domain, type, detail, workspace } = (event?.['event'] ?? {}) as Record<string, unknown>;
    expect([domain, type]).toEqual(['monitoring', 'RetrainingRequested']);
    expect(RetrainingRequested.parse({ ...(detail as object), workspace })).toMatchObject({
      model: 'rain',
      dedupe: 'retraining/rain/1',
      retraining: 'rain/1',
    });
  });

  test('keeps the report that it came of for good', async () => {
    const report = await withReport();
    const pk = `default#drift-report#${report.id}`;
    const expires = async () => (await table.get({ pk, sk: 'fact' }))?.['expiresAt'];
    expect(await expires()).toBeDefined();
    await decideRetraining(deps(), firing(0));
    expect(await expires()).toBeUndefined();
  });

  test('names no report that does not explain it', async () => {
    await withReport({ maxPsi: 0.1 });
    await decideRetraining(deps(), firing(0));
    const [retraining] = (await list()).retrainings;
    expect(retraining).toMatchObject({ reason: 'the drift alarm of endpoint rain fired' });
    expect(retraining).not.toHaveProperty('report');
  });

  test('within the cooldown is counted and starts nothing', async () => {
    await decideRetraining(deps(), firing(0));
    expect(await decideRetraining(deps(), firing(59))).toEqual({ decision: 'suppressed', counted: true });
    expect(await decideRetraining(deps(), firing(30, 'rain-eu'))).toEqual({ decision: 'suppressed', counted: true });
    expect(await list()).toMatchObject({ retrainings: [{ number: 1 }], suppressed: 2 });
  });

  test('delivered late is judged by when it fired', async () => {
    await decideRetraining(deps(), firing(0));
    const late = deps({ clock: () => new Date(START + 600 * MINUTE) });
    expect(await decideRetraining(late, firing(10))).toMatchObject({ decision: 'suppressed' });
    expect(await decideRetraining(late, firing(-10))).toMatchObject({ decision: 'suppressed' });
  });

  test('after the cooldown starts the next, which says how many were let go by', async () => {
    await decideRetraining(deps(), firing(0));
    await decideRetraining(deps(), firing(20));
    await decideRetraining(deps(), firing(40));
    expect(await decideRetraining(deps(), firing(60))).toMatchObject({ decision: 'requested' });
    const { retrainings, suppressed } = await list();
    expect(retrainings.map(({ number, suppressedBefore }) => [number, suppressedBefore])).toEqual([
      [2, 2],
      [1, 0],
    ]);
    expect(suppressed).toBe(0);
    expect(events()).toHaveLength(2);
  });

  test('that comes again is known, whatever was decided', async () => {
    await decideRetraining(deps(), firing(0));
    await decideRetraining(deps(), firing(20));
    expect(await decideRetraining(deps(), firing(0))).toEqual({ decision: 'known' });
    expect(await decideRetraining(deps(), firing(20))).toEqual({ decision: 'known' });
    expect(await list()).toMatchObject({ suppressed: 1 });
  });

  test('of an endpoint that the stage has not is an error, so that it is not lost', async () => {
    await expect(decideRetraining(deps(), firing(0, 'snow'))).rejects.toMatchObject({ name: 'EndpointUnwatched' });
    expect(table.items()).toEqual([]);
  });

  test('starts nothing where the spec says so', async () => {
    await applySpec(table, { retrain: false, minRows: 100 });
    expect(await decideRetraining(deps(), firing(0))).toEqual({ decision: 'unwanted' });
    expect(events()).toEqual([]);
  });

  test('without any cooldown each firing starts one, and none twice', async () => {
    const eager = deps({ cooldownMinutes: 0 });
    await Promise.all([1, 2, 3, 1, 2, 3].map((minute) => decideRetraining(eager, firing(minute))));
    const { retrainings } = await list();
    expect(new Set(retrainings.map(({ alarm }) => alarm.at)).size).toBe(retrainings.length);
  });
});

describe('a thousand alarms within the cooldown', () => {
  test('start one retraining, in whatever order and however often they come and collide', async () => {
    const message = fc.record({
      minutes: fc.integer({ min: 0, max: 59 }),
      endpoint: fc.constantFrom('rain', 'rain-eu'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1000, maxLength: 1000 }),
        fc.integer({ min: 1, max: 200 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
        async (messages, together, turns) => {
          table = memoryTable();
          const next = turns[Symbol.iterator]();
          // Gives way to the others a drawn number of times around every call to the table.
          const giveWay = async () => {
            for (let i = (next.next().value as number) ?? 0; i > 0; i--) await undefined;
          };
          const contended: Table = faulty(table as Table, () => undefined, giveWay);
          const mine = deps({ table: contended, cooldownMinutes: 120 });
          const decisions = [];
          for (let i = 0; i < messages.length; i += together) {
            const batch = messages.slice(i, i + together);
            decisions.push(
              ...(await Promise.all(batch.map((each) => decideRetraining(mine, firing(each.minutes, each.endpoint))))),
            );
          }
          expect(decisions.filter(({ decision }) => decision === 'requested')).toHaveLength(1);
          expect(events()).toHaveLength(1);
          const { retrainings, suppressed } = await list();
          expect(retrainings).toHaveLength(1);
          expect(await readLedger(table, ref('model', 'default', 'rain'))).toHaveLength(1);
          expect(suppressed).toBe(decisions.filter((each) => each.decision === 'suppressed' && each.counted).length);
          // Head, fact, ledger head and entry, event: whatever the number of alarms.
          expect(table.items()).toHaveLength(5);
        },
      ),
      { numRuns: 8 },
    );
  }, 60_000);
});

async function applySpec(into: MemoryTable, drift: { retrain: boolean; minRows: number }): Promise<void> {
  const digest = `sha256:${'0'.repeat(64)}`;
  await into.transact([
    { put: { pk: 'default#model#rain', sk: 'applied-spec', digest, commit: 'none', dirty: false, appliedAt: '' } },
    { put: { pk: `default#spec#${digest}`, sk: 'fact', digest, model: 'rain', spec: { drift } } },
  ]);
}
