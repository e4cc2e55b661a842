import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { LineageErrors } from '../../lambdas/lineage/contract.ts';
import { verifySubject } from '../../lambdas/lineage/graph.ts';
import { RegistryErrors } from '../../lambdas/registry/contract.ts';
import { ServingErrors } from '../../lambdas/serving/errors.ts';
import { rolloutTasks } from '../../lambdas/serving/handlers/roll-out-model.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import { actions, judged, withLive } from '../builders/rollout-story.ts';
import { rolloutWorld } from '../builders/rollout-world.ts';

interface TaskState {
  Type: string;
  TimeoutSeconds?: number;
  Retry?: { ErrorEquals: string[]; MaxAttempts: number }[];
  Catch?: unknown[];
  Arguments: { Payload: { task: string } };
}

describe('the state machine', () => {
  const file = join(import.meta.dirname, '../../state-machines/serving/roll-out-model.asl.json');
  const { States } = JSON.parse(readFileSync(file, 'utf8')) as { States: Record<string, TaskState> };
  const tasks = Object.entries(States).filter(([, { Type }]) => Type === 'Task');

  test.each(tasks)('%s has a timeout, retries with full jitter and a cap, and a catch', (name, state) => {
    expect(state.TimeoutSeconds).toBeGreaterThan(50);
    for (const retrier of (state.Retry ?? []).filter(({ MaxAttempts }) => MaxAttempts > 0)) {
      expect(retrier).toMatchObject({ JitterStrategy: 'FULL', MaxDelaySeconds: expect.any(Number) });
    }
    expect(state.Retry?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
    expect(state.Catch).toEqual([
      expect.objectContaining({ ErrorEquals: ['States.ALL'], Next: name === 'End' ? 'EndFailed' : 'End' }),
    ]);
  });

  test('names no error that the code does not raise', () => {
    const named = tasks.flatMap(([, { Retry = [] }]) => Retry.flatMap(({ ErrorEquals }) => ErrorEquals));
    const known = Object.keys({
      ...ServingErrors.kinds,
      ...RegistryErrors.kinds,
      ...LineageErrors.kinds,
      ...SharedErrors.kinds,
    });
    expect(named.filter((name) => !/^(States|Lambda)\./.test(name) && !known.includes(name))).toEqual([]);
  });

  test('calls every task of its function, and no other', () => {
    const called = tasks.map(([, state]) => state.Arguments.Payload.task);
    expect(called.sort()).toEqual(Object.keys(rolloutTasks).sort());
  });
});

describe('the first rollout of an endpoint', () => {
  test('goes from the golden set to all traffic, since there is no version to share with', async () => {
    const world = await rolloutWorld();
    await world.choose(1);
    const end = await world.run();
    expect(end).toMatchObject({ status: 'SUCCEEDED' });
    expect(end.visited).toEqual(['Start', 'Begin', 'Publish', 'RunGolden', 'MoreShares', 'Complete', 'Ended']);
    expect(world.functions.moves).toEqual([{ functionVersion: '1', weights: {} }]);
    expect(await world.live()).toBe(1);
    expect(await world.state()).toMatchObject({ live: { functionVersion: '1', modelVersion: 1 }, kept: [] });
    expect(world.functions.versions()[0]).toMatchObject({ MODEL_VERSION: '1', BUNDLE_DIGEST: world.digests[0] });
    expect(await actions(world)).toEqual(['rollout-started', 'rollout-completed']);
    const [rollout] = await world.rollouts();
    expect(rollout).toMatchObject({ status: 'completed', golden: { passed: true, rows: 20 } });
    expect(rollout?.golden?.runtime).toMatch(/^node\/.*onnxruntime\//);
  });

  test('begins once, however often its event arrives, and nothing begins for what is live already', async () => {
    const world = await rolloutWorld();
    await world.choose(1);
    await world.deliver();
    await world.run();
    await world.deliver();
    await world.deliver();
    expect(world.executions.started).toHaveLength(1);
    expect(world.functions.versions()).toHaveLength(1);
  });
});

describe('a later rollout', () => {
  test('goes through each share under the judge, and then is live', async () => {
    const world = await withLive(judged('1', '2'));
    await world.settings({ steps: [10, 50, 100], bakeSeconds: 300 });
    await world.choose(2);
    expect((await world.run()).status).toBe('SUCCEEDED');
    expect(world.functions.moves.slice(1)).toEqual([
      { functionVersion: '1', weights: { 2: 0.1 } },
      { functionVersion: '1', weights: { 2: 0.5 } },
      { functionVersion: '2', weights: {} },
    ]);
    expect(await world.live()).toBe(2);
    const [rollout] = await world.rollouts();
    expect(rollout?.steps.map(({ weight, verdict }) => [weight, verdict?.decision])).toEqual([
      [10, 'proceed'],
      [50, 'proceed'],
    ]);
    expect((await world.state())?.kept.map(({ functionVersion }) => functionVersion)).toEqual(['1']);
    expect(await verifySubject(world.table, 'model:default/rain')).toMatchObject({ intact: true });
  });

  test('keeps as many versions as the stage says', async () => {
    const world = await withLive();
    for (const [version, live] of [
      [2, '1'],
      [3, '2'],
      [4, '3'],
    ] as const) {
      await world.choose(version);
      await world.run(undefined, judged(live, String(version)));
    }
    const state = await world.state();
    expect(state?.live?.functionVersion).toBe('4');
    expect(state?.kept.map(({ functionVersion }) => functionVersion)).toEqual(['3', '2']);
  });

  test('waits while the step bakes, and looks again', async () => {
    const world = await withLive();
    await world.choose(2);
    let looks = 0;
    const end = await world.run(undefined, {
      async before(task) {
        if (task !== 'judge') return;
        looks++;
        world.pass(100);
        await world.traffic('1', 900);
        await world.traffic('2', 100);
      },
    });
    expect(end.status).toBe('SUCCEEDED');
    expect(looks).toBe(3);
  });

  test('asks the golden set again where requests are too few', async () => {
    const world = await withLive(judged('1', '2', 3));
    await world.choose(2);
    await world.run();
    const [rollout] = await world.rollouts();
    expect(rollout?.steps[0]?.verdict).toMatchObject({
      decision: 'proceed',
      reason: expect.stringMatching(/too few to judge \(3 requests of 100\), and the golden set passed again/),
    });
  });

  test.each([
    ['fails requests', { errors5xx: 12 }, /12 of 200 requests failed/],
    ['has no finite answers', { nan: 30 }, /30 of 200 rows had no finite answer/],
    ['is slow', { latency: { 200: 200 } }, /p98 latency is/],
    ['answers otherwise', { answers: { p9: 200 } }, /answers shifted/],
  ])('takes a candidate back that %s: the alias is what it was, the reason is in its tag', async (_, stats, reason) => {
    const world = await withLive();
    await world.choose(2);
    const end = await world.run(undefined, {
      async before(task) {
        if (task !== 'judge') return;
        world.pass(300);
        await world.traffic('1', 900);
        await world.traffic('2', 200, stats);
      },
    });
    expect(end.status).toBe('SUCCEEDED');
    expect(await world.alias()).toEqual({ functionVersion: '1', weights: {} });
    expect(await world.live()).toBe(1);
    expect(await world.tag(2)).toMatch(reason);
    expect(await world.rollouts()).toMatchObject([{ status: 'rolled-back' }, { status: 'completed' }]);
    expect(await world.state()).not.toHaveProperty('running');
    expect((await actions(world)).at(-1)).toBe('rollout-rolled-back');
  });

  test('is asked for again by choosing the same champion again', async () => {
    const world = await withLive();
    await world.choose(2);
    await world.run(undefined, {
      before: (task) => (task === 'judge' ? world.traffic('2', 9, { errors5xx: 9 }) : undefined),
    });
    expect(await world.tag(2)).toMatch(/requests failed/);
    world.pass(60);
    await world.choose(2);
    await world.run(undefined, judged('1', '2'));
    expect(await world.live()).toBe(2);
    expect(await world.tag(2)).toBeUndefined();
  });
});
