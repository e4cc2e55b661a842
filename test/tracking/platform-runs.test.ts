import { expect, test } from '@jest/globals';
import { changedSince } from '../../lambdas/tracking/change-log.ts';
import { aTracking } from '../builders/tracking.ts';
import { trackingServer } from '../builders/tracking-server.ts';

const RUN = 'a'.repeat(32);

test('a training that is tried again is found by who searches, as running', async () => {
  let now = Date.parse('2026-01-05T09:00:00Z');
  const clock = () => new Date(now);
  // Each step of a workflow may be another function, which remembers nothing.
  const { tracking, runs } = aTracking(clock);
  const wish = {
    ...{ runId: RUN, experiment: 'rain', name: 'rain-1', userId: 't-1', startedAt: clock(), params: {}, tags: {} },
    dataset: { name: 'weather', digest: 'd', sourceType: 'millrace', source: '{}' },
  };
  const search = async () => {
    const { mlflow } = trackingServer({ table: tracking, clock });
    const { body } = await mlflow('POST', 'runs/search', { experiment_ids: ['1'] });
    return body.runs.map(({ info }: { info: { run_id: string; status: string } }) => [info.run_id, info.status]);
  };
  await runs.begin('default', wish);
  await runs.begin('default', wish);
  expect(await search()).toEqual([[RUN, 'RUNNING']]);
  now += 20_000;
  await runs.end('default', { runId: RUN, status: 'FAILED', endedAt: clock(), points: [], tags: {} });
  expect(await search()).toEqual([[RUN, 'FAILED']]);
  now += 200_000;
  await aTracking(clock, undefined, tracking).runs.begin('default', wish);
  expect(await changedSince({ table: tracking, clock }, 'default', '1', now / 1000)).toEqual([RUN]);
  expect(await search()).toEqual([[RUN, 'RUNNING']]);
});
