import { describe, expect, test } from '@jest/globals';
import { readLedger } from '../../lambdas/lineage/contract.ts';
import { endpointAlarm } from '../../lambdas/serving/names.ts';
import { returnEndpoint } from '../../lambdas/serving/return-endpoint.ts';
import { finishReturn, type RollBackDeps, rollBack } from '../../lambdas/serving/roll-back.ts';
import { RAIN_ENDPOINT, rolloutWorld } from '../builders/rollout-world.ts';
import { faulty } from '../fakes/faulty.ts';

const WISH = { reason: 'too many false alarms', actor: 'ann' };

/** Versions 1 and then 2 went live, as function versions 1 and 2. */
async function withTwo() {
  const world = await rolloutWorld();
  for (const version of [1, 2]) {
    await world.choose(version);
    await world.run(undefined, {
      async before(task) {
        if (task !== 'judge') return;
        world.pass(300);
        await world.traffic('1', 900);
        await world.traffic('2', 200);
      },
    });
  }
  const back = (change: object = {}, deps: RollBackDeps = world.deps) =>
    rollBack(deps, RAIN_ENDPOINT, { ...WISH, ...change });
  return { ...world, back };
}

describe('rolling back', () => {
  test('makes the version before live again, on record, with the reason on the version that was left', async () => {
    const world = await withTwo();
    await world.back();
    expect(await world.alias()).toEqual({ functionVersion: '1', weights: {} });
    expect(await world.live()).toBe(1);
    expect(await world.state()).toMatchObject({ live: { functionVersion: '1', modelVersion: 1 }, kept: [] });
    expect(await world.tag(2)).toBe('rolled-back: stopped by ann: too many false alarms');
    const entry = (await readLedger(world.table, 'model:default/rain')).at(-1);
    expect(entry).toMatchObject({ action: 'rollout-rolled-back', actor: 'ann', detail: { live: 1, before: 2 } });
  });

  test('does nothing twice when it is told what was live', async () => {
    const world = await withTwo();
    await world.back({ from: '2' });
    await expect(world.back({ from: '2' })).rejects.toMatchObject({
      name: 'AliasMoved',
      message: 'from: got 2, live is 1',
    });
    expect(await world.live()).toBe(1);
  });

  test('does nothing twice under one key, though nobody says what was live', async () => {
    const world = await withTwo();
    await world.back({ once: 'a-lost-answer' });
    await world.back({ once: 'a-lost-answer' });
    expect(await world.live()).toBe(1);
    await expect(world.back({ once: 'another' })).rejects.toMatchObject({ name: 'NothingToRollBackTo' });
  });

  test('needs a version to go back to', async () => {
    const world = await withTwo();
    await world.back();
    await expect(world.back()).rejects.toMatchObject({ name: 'NothingToRollBackTo' });
    expect(await world.alias()).toEqual({ functionVersion: '1', weights: {} });
  });

  test.each(['before', 'after'] as const)(
    'is finished by whoever comes next when it dies %s the alias moved',
    async (fault) => {
      const world = await withTwo();
      const functions = faulty(world.functions, (method) => (method === 'moveAlias' ? fault : undefined));
      await expect(world.back({}, { ...world.deps, functions })).rejects.toMatchObject({ name: 'AnswerLost' });
      await finishReturn(world.deps, RAIN_ENDPOINT);
      await finishReturn(world.deps, RAIN_ENDPOINT);
      expect(await world.live()).toBe(1);
      expect(await world.alias()).toEqual({ functionVersion: '1', weights: {} });
      expect(await world.state()).not.toHaveProperty('returning');
    },
  );

  test('ends a rollout that runs: the candidate gets no more traffic, and what was live stays', async () => {
    const world = await withTwo();
    await world.choose(3);
    await world.run(undefined, {
      async before(task) {
        if (task !== 'judge') return;
        await world.back();
        expect(await world.alias()).toEqual({ functionVersion: '2', weights: {} });
      },
    });
    expect(await world.live()).toBe(2);
    expect(await world.tag(3)).toBe('rolled-back: stopped by ann: too many false alarms');
    expect(await world.rollouts()).toMatchObject([{ status: 'rolled-back' }, {}, {}]);
    expect(await world.state()).not.toHaveProperty('running');
  });

  test('ends a rollout that runs even if it dies after having said so', async () => {
    const world = await withTwo();
    await world.choose(3);
    await world.run(undefined, {
      async before(task) {
        if (task !== 'judge') return;
        const functions = faulty(world.functions, () => 'before');
        await expect(world.back({}, { ...world.deps, functions })).rejects.toMatchObject({ name: 'AnswerLost' });
      },
    });
    expect(await world.alias()).toEqual({ functionVersion: '2', weights: {} });
    expect(await world.tag(3)).toMatch(/stopped by ann/);
  });
});

describe('the alarm of a bundle that does not verify', () => {
  const alarm = `millrace/test/${endpointAlarm('bundle-refused', 'rain')}`;
  const deps = (world: Awaited<ReturnType<typeof withTwo>>) => ({ ...world.deps, stage: 'test' });

  test('moves the alias back', async () => {
    const world = await withTwo();
    await returnEndpoint(deps(world), { alarm, state: 'ALARM' });
    expect(await world.live()).toBe(1);
  });

  test('moves nothing twice, however often one firing is told', async () => {
    const world = await withTwo();
    await world.choose(3);
    await world.run(undefined, {
      async before(task) {
        if (task !== 'judge') return;
        world.pass(300);
        await world.traffic('2', 900);
        await world.traffic('3', 200);
      },
    });
    const firing = { alarm, state: 'ALARM', at: '2026-03-01T13:00:00.000+0000' };
    for (let told = 1; told <= 3; told++) await returnEndpoint(deps(world), firing);
    expect(await world.live()).toBe(2);
    await returnEndpoint(deps(world), { ...firing, at: '2026-03-01T14:00:00.000+0000' });
    expect(await world.live()).toBe(1);
  });

  test('ends a rollout that runs, and told again leaves what is live alone', async () => {
    const world = await withTwo();
    await world.choose(3);
    const firing = { alarm, state: 'ALARM', at: '2026-03-01T13:00:00.000+0000' };
    await world.run(undefined, {
      async before(task) {
        if (task === 'judge') await returnEndpoint(deps(world), firing);
      },
    });
    await returnEndpoint(deps(world), firing);
    expect(await world.live()).toBe(2);
    expect(await world.alias()).toEqual({ functionVersion: '2', weights: {} });
  });

  test.each([
    ['another alarm', { alarm: 'millrace/test/serving/errors/rain', state: 'ALARM' }],
    ['the end of the alarm', { alarm, state: 'OK' }],
    ['another stage', { alarm: alarm.replace('test', 'prod'), state: 'ALARM' }],
  ])('does nothing for %s', async (_, news) => {
    const world = await withTwo();
    await returnEndpoint(deps(world), news);
    expect(await world.live()).toBe(2);
  });

  test('leaves it to people where no version is kept', async () => {
    const world = await withTwo();
    await world.back();
    await returnEndpoint(deps(world), { alarm, state: 'ALARM' });
    expect(await world.live()).toBe(1);
  });
});
