import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from '@jest/globals';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { outboxRecords } from '../../lambdas/lineage/aws/outbox-records.ts';
import { commit } from '../../lambdas/lineage/commit.ts';
import { publishEvents } from '../../lambdas/lineage/handlers/publish-events.ts';
import { showGraphEndpoint } from '../../lambdas/lineage/handlers/show-graph.ts';
import { showLedgerEndpoint } from '../../lambdas/lineage/handlers/show-ledger.ts';
import { verifyLedgerEndpoint } from '../../lambdas/lineage/handlers/verify-ledger.ts';
import { headKey } from '../../lambdas/lineage/ledger.ts';
import { outboxWrite, type PlatformEvent } from '../../lambdas/lineage/outbox.ts';
import { factKey, ref } from '../../lambdas/lineage/ref.ts';
import { anApiEvent } from '../builders/api-event.ts';
import { aLedgerEntry } from '../builders/ledger.ts';
import { memoryTable } from '../fakes/memory-table.ts';

const RAIN = ref('model', 'default', 'rain');
async function aTable() {
  const table = memoryTable();
  await commit(table, { facts: [{ put: { ...factKey(RAIN), latestVersion: 1 } }], entry: aLedgerEntry() });
  return table;
}

describe('the lineage API', () => {
  test('shows what hangs together with a thing', async () => {
    const table = await aTable();
    const answer = showGraphEndpoint.with({ table }).handle(anApiEvent(), { ref: RAIN });
    await expect(answer).resolves.toMatchObject({ nodes: [{ ref: RAIN, fact: { latestVersion: 1 } }], edges: [] });
  });

  test('shows a chain and whether it is intact', async () => {
    const table = await aTable();
    const show = () => showLedgerEndpoint.with({ table }).handle(anApiEvent(), { ref: RAIN });
    await expect(show()).resolves.toMatchObject({ entries: [{ sequence: 1, action: aLedgerEntry().action }] });
    const verify = () => verifyLedgerEndpoint.with({ table }).handle(anApiEvent(), { ref: RAIN });
    await expect(verify()).resolves.toEqual({ intact: true, entries: 1 });
    await table.transact([{ remove: headKey(RAIN) }]);
    await expect(verify()).resolves.toMatchObject({ intact: false });
  });

  test.each([showGraphEndpoint, showLedgerEndpoint, verifyLedgerEndpoint])(
    'shows nothing of another workspace, and nothing to an app (%#)',
    async (endpoint) => {
      const bound = endpoint.with({ table: await aTable() });
      const other = bound.handle(anApiEvent({ headers: { 'x-millrace-workspace': 'other' } }), { ref: RAIN });
      await expect(other).rejects.toMatchObject({ name: 'ThingUnknown' });
      const app = bound.handle(anApiEvent({ caller: { roles: 'app' } }), { ref: RAIN });
      await expect(app).rejects.toMatchObject({ name: 'RoleMissing' });
    },
  );
});

describe('the outbox', () => {
  const anEvent = (id: string): PlatformEvent => ({
    id,
    workspace: 'default',
    domain: 'registry',
    type: 'ChampionChosen',
    detail: { model: 'rain' },
  });
  const record = (eventName: string, item: object | undefined, sequence = '1') => ({
    eventName,
    dynamodb: { SequenceNumber: sequence, NewImage: item && marshall(item, { removeUndefinedValues: true }) },
  });
  const row = (id: string) => (outboxWrite(anEvent(id)) as { put: object }).put;
  const batch = (...Records: object[]) => ({ Records }) as DynamoDBStreamEvent;

  test('passes over what is no event, and rows that expired', () => {
    const records = outboxRecords(
      batch(
        record('INSERT', { pk: 'default#model#rain', sk: 'fact' }),
        record('REMOVE', row('e1')),
        record('INSERT', undefined),
      ),
    );
    expect(records).toEqual([]);
  });

  test('publishes every event of a batch, and asks for those again that were not taken', async () => {
    const published: string[] = [];
    const { handle } = publishEvents.with({
      publish: async ({ id }) => {
        if (id === 'e2') throw new Error('the bus is full');
        published.push(id);
      },
    });
    const events = batch(
      record('INSERT', row('e1'), '11'),
      record('INSERT', row('e2'), '12'),
      record('INSERT', row('e3'), '13'),
    );
    await expect(handle(events)).resolves.toEqual({ batchItemFailures: [{ itemIdentifier: '12' }] });
    expect(published).toEqual(['e1', 'e3']);
  });
});
