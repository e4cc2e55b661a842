import { beforeEach, describe, expect, test } from '@jest/globals';
import { decideRetraining } from '../../lambdas/monitoring/decide-retraining.ts';
import { reportWrite } from '../../lambdas/monitoring/drift-report.ts';
import { failureWrite, stateWrite } from '../../lambdas/monitoring/drift-state.ts';
import { listRetrainingsEndpoint } from '../../lambdas/monitoring/handlers/list-retrainings.ts';
import { showCheckEndpoint } from '../../lambdas/monitoring/handlers/show-check.ts';
import { showDriftEndpoint } from '../../lambdas/monitoring/handlers/show-drift.ts';
import { startCheckEndpoint } from '../../lambdas/monitoring/handlers/start-check.ts';
import { recordAlarm } from '../../lambdas/monitoring/record-alarm.ts';
import { startAt } from '../../lambdas/monitoring/unjudged-rows.ts';
import { api } from '../../lambdas/shared/api.ts';
import { anApiEvent } from '../builders/api-event.ts';
import { aDriftReport } from '../builders/drift-report.ts';
import { aWatchedEndpoint } from '../builders/watched-endpoint.ts';
import { type MemoryExecutions, memoryExecutions } from '../fakes/check-executions.ts';
import { type MemoryTable, memoryTable } from '../fakes/memory-table.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const endpoints = [aWatchedEndpoint(), aWatchedEndpoint({ endpoint: 'snow', model: 'snow', workspace: 'alps' })];
let table: MemoryTable;
let executions: MemoryExecutions;

beforeEach(() => {
  table = memoryTable();
  executions = memoryExecutions();
});

async function call(method: string, path: string, given: Parameters<typeof anApiEvent>[0] = {}) {
  let ids = 0;
  const newId = () => `check-${++ids}`;
  const handler = api(
    [
      startCheckEndpoint.with({ executions, endpoints, newId }),
      showCheckEndpoint.with({ executions }),
      showDriftEndpoint.with({ table, endpoints }),
      listRetrainingsEndpoint.with({ table }),
    ],
    { logger: recordingLogger() },
  ).lambda();
  const { statusCode, body } = await handler(anApiEvent({ method, path, ...given }), {} as never);
  return { status: statusCode, body: JSON.parse(body) };
}

describe('the monitoring API', () => {
  test.each([
    [{ endpoint: 'rain' }, { workspace: 'default', endpoint: 'rain' }],
    [{}, { workspace: 'default' }],
  ])('starts a check of %j', async (body, input) => {
    expect(await call('POST', '/monitoring/checks', { body })).toEqual({ status: 200, body: { check: 'check-1' } });
    expect(JSON.parse((await executions.show('check-1'))?.input ?? '')).toEqual(input);
  });

  test.each([
    ['an unknown endpoint', { body: { endpoint: 'hail' } }, 404, 'EndpointUnwatched'],
    ["another workspace's endpoint", { body: { endpoint: 'snow' } }, 404, 'EndpointUnwatched'],
    ['a name that is none', { body: { endpoint: 'Rain!' } }, 400, 'InvalidInput'],
    ['a token that may only predict', { body: {}, caller: { roles: 'app' } }, 403, 'RoleMissing'],
    ['a token that may only look', { body: {}, caller: { roles: 'auditor' } }, 403, 'RoleMissing'],
  ])('starts no check for %s', async (_, event, status, name) => {
    expect(await call('POST', '/monitoring/checks', event)).toMatchObject({ status, body: { name } });
    expect(await executions.show('check-1')).toBeUndefined();
  });

  test('shows a check while it runs, and what it did once it has ended', async () => {
    await call('POST', '/monitoring/checks', { body: {} });
    expect((await call('GET', '/monitoring/checks/check-1')).body).toEqual({
      check: 'check-1',
      status: 'running',
      startedAt: '2026-11-21T04:00:00.000Z',
      results: [],
    });
    const results = [{ endpoint: 'rain', outcome: 'too-few', rows: 3, minRows: 200 }];
    executions.end('check-1', { status: 'succeeded', output: JSON.stringify({ results }) });
    expect((await call('GET', '/monitoring/checks/check-1')).body).toMatchObject({ status: 'succeeded', results });
  });

  test('shows what a failed check did before', async () => {
    await call('POST', '/monitoring/checks', { body: {} });
    const results = [{ endpoint: 'rain', outcome: 'failed', error: 'BundleTampered' }];
    executions.end('check-1', { status: 'failed', error: 'CheckFailed', cause: JSON.stringify({ results }) });
    expect((await call('GET', '/monitoring/checks/check-1')).body).toMatchObject({
      status: 'failed',
      error: 'CheckFailed',
      results,
    });
    executions.end('check-1', { status: 'failed', error: 'States.Runtime', cause: 'no JSON at all' });
    expect((await call('GET', '/monitoring/checks/check-1')).body).toMatchObject({ results: [] });
  });

  test.each([['nobody started'], ['another workspace started']])('a check that %s is missing', async (which) => {
    if (which.startsWith('another')) await executions.start('check-1', { workspace: 'alps' });
    expect(await call('GET', '/monitoring/checks/check-1')).toMatchObject({
      status: 404,
      body: { name: 'CheckMissing' },
    });
  });

  test("shows an endpoint's last report with its alarm", async () => {
    const report = aDriftReport();
    const state = { functionVersion: '1', mark: startAt(0), check: 'check-1', report: report.id, unpublished: false };
    await table.transact([stateWrite('default', 'rain', undefined, state), reportWrite('default', report, 9e9)]);
    const alarmSince = '2026-11-21T04:00:01.000Z';
    await recordAlarm({ table, endpoints }, { endpoint: 'rain', state: 'alarm', at: alarmSince, reason: '' });
    expect((await call('GET', '/monitoring/endpoints/rain/drift')).body).toEqual({
      endpoint: 'rain',
      model: 'rain',
      threshold: 0.2,
      alarm: 'alarm',
      alarmSince,
      report,
    });
  });

  test('shows a failure until a later check has judged', async () => {
    const failure = { check: 'c', error: 'BundleTampered', reason: 'why', at: '2026-11-21T03:59:30.000Z' };
    await table.transact([failureWrite('default', 'rain', failure)]);
    const show = async () => (await call('GET', '/monitoring/endpoints/rain/drift')).body;
    expect(await show()).toEqual({ endpoint: 'rain', model: 'rain', threshold: 0.2, alarm: 'unknown', failure });
    const report = aDriftReport({ at: '2026-11-21T04:30:00.000Z' });
    const state = { functionVersion: '1', mark: startAt(0), check: 'check-1', report: report.id, unpublished: false };
    await table.transact([stateWrite('default', 'rain', undefined, state), reportWrite('default', report)]);
    expect(await show()).not.toHaveProperty('failure');
  });

  test('lists retrainings, newest first, no more than asked for', async () => {
    const clock = () => new Date('2026-11-21T04:00:00.000Z');
    for (const day of [1, 2, 3]) {
      const alarm = {
        endpoint: 'rain',
        state: 'alarm' as const,
        at: `2026-11-0${day}T00:00:00.000Z`,
        reason: 'crossed',
      };
      await decideRetraining({ table, clock, endpoints, cooldownMinutes: 60 }, alarm);
    }
    const { body } = await call('GET', '/monitoring/models/rain/retrainings', { query: { limit: '2' } });
    expect(body.retrainings.map(({ id }: { id: string }) => id)).toEqual(['rain/3', 'rain/2']);
    expect((await call('GET', '/monitoring/models/snow/retrainings')).body).toEqual({ retrainings: [], suppressed: 0 });
  });
});
