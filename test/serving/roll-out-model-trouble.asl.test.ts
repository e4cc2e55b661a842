import { describe, expect, test } from '@jest/globals';
import { hearNews } from '../../lambdas/serving/hear-news.ts';
import { startRollout } from '../../lambdas/serving/request-rollout.ts';
import { actions, judged, withLive } from '../builders/rollout-story.ts';
import { DIE, RAIN_ENDPOINT } from '../builders/rollout-world.ts';

describe('a bundle that must not go live', () => {
  test.each(['model.onnx', 'golden.json', 'signature.json', 'bundle.json'])(
    'with a changed %s is refused before any traffic',
    async (file) => {
      const world = await withLive();
      const key = world.bundles
        .keys()
        .find((each) => each.includes(String(world.digests[1]).slice(7)) && each.endsWith(file));
      const bytes = (await world.bundles.get(String(key))) as Uint8Array;
      await world.bundles.put(
        String(key),
        Buffer.from(bytes).map((byte, i) => (i === bytes.length - 9 ? byte ^ 1 : byte)),
      );
      await world.choose(2);
      await world.run();
      expect(world.functions.moves).toHaveLength(1);
      expect(await world.live()).toBe(1);
      expect(await world.tag(2)).toMatch(/^refused: /);
      expect((await actions(world)).at(-1)).toBe('rollout-refused');
    },
  );

  test('with other answers than its golden set is refused before any traffic', async () => {
    const world = await withLive();
    // What a broken build of the runtime would do: the version serves, and answers like another model.
    const { invoke } = world.functions;
    world.functions.invoke = async (name, version, payload) => {
      const answer = (await invoke(name, version, payload)) as { body: string };
      const body = JSON.parse(answer.body);
      body.outputs[0].data[7] += 0.001;
      return { ...answer, body: JSON.stringify(body) };
    };
    await world.choose(2);
    await world.run();
    expect(world.functions.moves).toHaveLength(1);
    expect(await world.tag(2)).toMatch(/^refused: golden set: output probability: row 7/);
  });
});

describe('two wishes', () => {
  test('one waits while the other has the endpoint, and begins when that has ended', async () => {
    const world = await withLive();
    await world.choose(2);
    const second = world.executions.started.at(-1)?.name as string;
    await world.choose(3);
    expect(world.executions.started.at(-1)?.name).toBe(second);
    await world.run(second, judged('1', '2'));
    expect(await world.tag(2)).toMatch(/^superseded: .*version 3 is champion/);
    await world.deliver();
    await world.run(undefined, judged('1', '2'));
    expect(await world.live()).toBe(3);
    expect((await world.rollouts()).map(({ status }) => status)).toEqual(['completed', 'superseded', 'completed']);
  });

  test('the newest of several takes the place of those that wait', async () => {
    const world = await withLive();
    for (const version of [2, 3, 4]) await world.choose(version);
    expect(await world.tag(3)).toMatch(/superseded by the wish for version 4 before it began/);
    await world.run();
    await world.deliver();
    await world.run(undefined, judged('1', '2'));
    expect(await world.live()).toBe(4);
  });

  test('choosing what is live again takes a running rollout back', async () => {
    const world = await withLive();
    await world.choose(2);
    await world.run(undefined, {
      before: async (task) => {
        if (task === 'judge') await world.choose(1);
      },
    });
    expect(await world.alias()).toEqual({ functionVersion: '1', weights: {} });
    expect(await world.live()).toBe(1);
    await world.deliver();
    expect(await world.state()).not.toHaveProperty('running');
  });
});

describe('what may go wrong', () => {
  test.each(['begin', 'publish', 'golden', 'shift', 'judge', 'complete'])(
    'a worker that dies after %s did its work does nothing twice',
    async (dying) => {
      const calm = await withLive(judged('1', '2'));
      await calm.choose(2);
      await calm.run();
      const world = await withLive();
      let died = 0;
      await world.choose(2);
      const end = await world.run(undefined, {
        before: judged('1', '2').before,
        after(task) {
          if (task === dying && died++ === 0) throw Object.assign(new Error('killed'), { name: 'Lambda.Unknown' });
        },
      });
      expect(end.status).toBe('SUCCEEDED');
      expect(await world.live()).toBe(2);
      expect(world.functions.versions()).toHaveLength(2);
      expect(world.functions.moves).toEqual(calm.functions.moves);
      expect(await actions(world)).toEqual(await actions(calm));
    },
  );

  test.each(['begin', 'publish', 'golden', 'shift', 'judge', 'complete'])(
    'an error of the platform in %s puts the alias back and is on record',
    async (failing) => {
      const world = await withLive();
      await world.choose(2);
      const end = await world.run(undefined, {
        async before(task) {
          await judged('1', '2').before(task, world);
          if (task === failing) throw Object.assign(new Error('the disk is full'), { name: 'Error' });
        },
      });
      expect(end).toMatchObject({ status: 'SUCCEEDED' });
      expect(end.visited.slice(-2)).toEqual(['End', 'Ended']);
      expect(await world.alias()).toEqual({ functionVersion: '1', weights: {} });
      expect(await world.tag(2)).toBe('failed: Error: the disk is full');
      expect(await world.rollouts()).toMatchObject([{ status: 'failed' }, { status: 'completed' }]);
    },
  );

  test.each(['begin', 'publish', 'golden', 'shift', 'judge', 'complete', 'end'])(
    'an execution that dies in %s gets its endpoint again under the next attempt, which ends as if nothing had been',
    async (dying) => {
      const world = await withLive();
      await world.choose(2);
      const first = world.executions.started.at(-1)?.name as string;
      await world.run(first, {
        async before(task) {
          await judged('1', '2').before(task, world);
          if (dying === 'end' && task === 'golden') throw Object.assign(new Error('x'), { name: 'GoldenFailed' });
        },
        after: (task) => (task === dying ? DIE : undefined),
      });
      const input = JSON.stringify(world.executions.started.at(-1)?.input);
      const death = { type: 'Step Functions Execution Status Change', detail: { input } };
      await hearNews(world.news, death);
      await hearNews(world.news, death);
      if (dying === 'complete' || dying === 'end') {
        expect(world.executions.started.at(-1)?.name).toBe(first);
        return;
      }
      expect(world.executions.started.at(-1)?.name).toBe(first.replace(/-1$/, '-2'));
      await world.run(undefined, judged('1', '2'));
      expect(await world.live()).toBe(2);
      expect(await world.alias()).toEqual({ functionVersion: '2', weights: {} });
      expect(world.functions.versions()).toHaveLength(2);
    },
  );

  test('a rollout whose executions keep dying is given up, with the alias as it was', async () => {
    const world = await withLive();
    await world.choose(2);
    for (let attempt = 1; attempt <= 3; attempt++) {
      world.pass(1);
      const { name, input } = world.executions.started.at(-1) as { name: string; input: unknown };
      await world.run(name, { after: (task) => (task === 'shift' ? DIE : undefined) });
      const detail = { input: JSON.stringify(input) };
      await hearNews(world.news, { type: 'Step Functions Execution Status Change', detail });
    }
    await world.run();
    expect(await world.alias()).toEqual({ functionVersion: '1', weights: {} });
    expect(await world.tag(2)).toMatch(/its execution died 3 times/);
    expect(await world.state()).not.toHaveProperty('running');
  });

  test('an end that cannot be recorded fails the execution, and the next attempt begins by putting the alias back', async () => {
    const world = await withLive();
    await world.choose(2);
    const { input, name } = world.executions.started.at(-1) as { input: unknown; name: string };
    const end = await world.run(undefined, {
      before(task) {
        if (task === 'judge') throw Object.assign(new Error('no'), { name: 'StepRolledBack' });
        if (task === 'end') throw Object.assign(new Error('the table is gone'), { name: 'Error' });
      },
    });
    expect(end).toMatchObject({ status: 'FAILED', error: 'RolloutUnrecorded' });
    expect(await world.alias()).toEqual({ functionVersion: '1', weights: { 2: 0.1 } });
    const detail = { input: JSON.stringify(input) };
    await hearNews(world.news, { type: 'Step Functions Execution Status Change', detail });
    await world.run(name.replace(/-1$/, '-2'), {
      async before(task) {
        if (task === 'publish') expect(await world.alias()).toEqual({ functionVersion: '1', weights: {} });
        await judged('1', '2').before(task, world);
      },
    });
    expect(await world.live()).toBe(2);
  });

  test('an alias that another hand moved is left alone', async () => {
    const world = await withLive();
    await world.choose(2);
    await world.run(undefined, {
      before(task) {
        if (task === 'complete') world.functions.moveByHand({ functionVersion: '77', weights: {} });
        return judged('1', '2').before(task, world);
      },
    });
    expect(await world.alias()).toEqual({ functionVersion: '77', weights: {} });
    expect(await world.tag(2)).toMatch(/points at version 77/);
  });

  test('a deploy during a rollout changes nothing of what is published', async () => {
    const world = await withLive(judged('1', '2'));
    await world.choose(2);
    await world.run(undefined, {
      async before(task) {
        await judged('1', '2').before(task, world);
        if (task === 'golden') world.functions.deploy('code-2');
      },
    });
    expect(await world.live()).toBe(2);
    expect(world.functions.versions()[1]).toMatchObject({ BUNDLE_DIGEST: world.digests[1] });
  });

  test('new platform code is published by rolling the same champion out again', async () => {
    const world = await withLive();
    world.functions.deploy('code-2');
    const wish = { dedupe: 'deploy-7', actor: 'ann' };
    await startRollout(world.news, RAIN_ENDPOINT, wish);
    await startRollout(world.news, RAIN_ENDPOINT, wish);
    await world.run(undefined, judged('1', '2'));
    expect(await world.state()).toMatchObject({ live: { functionVersion: '2', modelVersion: 1 } });
    expect(await world.rollouts()).toHaveLength(2);
  });

  test('where nothing changed, rolling out again publishes nothing and shares nothing', async () => {
    const world = await withLive();
    await startRollout(world.news, RAIN_ENDPOINT, { dedupe: 'again', actor: 'ann' });
    expect((await world.run()).status).toBe('SUCCEEDED');
    expect(world.functions.versions()).toHaveLength(1);
    expect(world.functions.moves).toHaveLength(1);
  });
});
