import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { verifySubject } from '../../lambdas/lineage/graph.ts';
import type { EndpointFact } from '../../lambdas/serving/contract.ts';
import { hearNews } from '../../lambdas/serving/hear-news.ts';
import { rollBack } from '../../lambdas/serving/roll-back.ts';
import { DIE, type Hooks, RAIN_ENDPOINT, type RolloutWorld, rolloutWorld } from '../builders/rollout-world.ts';

/** What people, deploys and failures do to an endpoint, in any order. */
type Deed =
  | { do: 'choose'; version: number; duringTask: number | undefined }
  | { do: 'run'; dieAt: number; when: 'before' | 'after' }
  | { do: 'roll-back'; duringTask: number | undefined }
  | { do: 'deploy' }
  | { do: 'deliver' };

/** Before which task of a running rollout it is done; undefined: between rollouts. */
const duringTask = fc.option(fc.nat({ max: 6 }), { nil: undefined });

const aDeed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ do: fc.constant('choose' as const), version: fc.integer({ min: 1, max: 4 }), duringTask }),
  fc.record({
    do: fc.constant('run' as const),
    dieAt: fc.integer({ min: 0, max: 12 }),
    when: fc.constantFrom('before' as const, 'after' as const),
  }),
  fc.record({ do: fc.constant('roll-back' as const), duringTask }),
  fc.constant({ do: 'deploy' as const }),
  fc.constant({ do: 'deliver' as const }),
);

/** Requests enough for any judge, on whatever has traffic. */
async function calmTraffic(task: string, world: RolloutWorld): Promise<void> {
  if (task !== 'judge') return;
  world.pass(300);
  const { functionVersion, weights } = await world.alias();
  for (const version of [functionVersion, ...Object.keys(weights)]) await world.traffic(version, 500);
}

const goBack = (world: RolloutWorld) =>
  rollBack(world.deps, RAIN_ENDPOINT, { reason: 'a whim', actor: 'ann' }).catch((error: Error) => {
    expect(error.name).toBe('NothingToRollBackTo');
  });

async function alive({ executions }: RolloutWorld): Promise<string | undefined> {
  for (const { name } of executions.started) if ((await executions.status(name)) === 'running') return name;
  return undefined;
}

/** Runs whatever runs, until it ends or dies at a task. */
async function run(world: RolloutWorld, hooks: Hooks): Promise<void> {
  const name = await alive(world);
  if (!name) return;
  await world.run(name, hooks);
  const execution = world.executions.started.find((each) => each.name === name);
  if ((await world.executions.status(name)) !== 'failed') return;
  const detail = { input: JSON.stringify(execution?.input) };
  await hearNews(world.news, { type: 'Step Functions Execution Status Change', detail });
}

async function carryOut(world: RolloutWorld, deed: Deed, code: number): Promise<void> {
  if (deed.do === 'deliver') return world.deliver();
  if (deed.do === 'deploy') return world.functions.deploy(`code-${code}`);
  let tasks = 0;
  if (deed.do === 'run') {
    const dies = (when: 'before' | 'after') => (deed.when === when && tasks++ === deed.dieAt ? DIE : undefined);
    return run(world, {
      async before(task) {
        await calmTraffic(task, world);
        return dies('before');
      },
      after: () => dies('after'),
    });
  }
  const act = () => (deed.do === 'choose' ? world.choose(deed.version) : goBack(world));
  if (deed.duringTask === undefined) return act();
  return run(world, {
    async before(task) {
      await calmTraffic(task, world);
      if (tasks++ === deed.duringTask) await act();
    },
  });
}

/** Lets everything that is under way come to its end. */
async function settle(world: RolloutWorld): Promise<void> {
  for (let round = 0; round < 20; round++) {
    await world.deliver();
    if (!(await alive(world))) return;
    await run(world, { before: (task) => calmTraffic(task, world) });
  }
  throw new Error('it never comes to an end');
}

test('whatever is done in whatever order, and wherever it dies, one version is live and everybody says which', async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(aDeed, { minLength: 1, maxLength: 9 }), async (begun, deeds) => {
      const world = await rolloutWorld();
      if (begun) {
        // A version is live and the next one is on its way: from here on there is traffic to share.
        await world.choose(1);
        await settle(world);
        await world.choose(2);
      }
      for (const [i, deed] of deeds.entries()) {
        world.pass(20);
        await carryOut(world, deed, i);
      }
      await settle(world);
      const state = ((await world.state()) ?? {}) as Partial<EndpointFact>;
      expect(state).not.toHaveProperty('running');
      expect(state).not.toHaveProperty('waiting');
      expect(state).not.toHaveProperty('returning');
      const functionVersion = state.live?.functionVersion ?? '$LATEST';
      expect(await world.alias()).toEqual({ functionVersion, weights: {} });
      expect(await world.live()).toBe(state.live?.modelVersion);
      if (state.live) {
        const published = await world.functions.describe('', functionVersion);
        expect(published.environment['BUNDLE_DIGEST']).toBe(state.live.bundle);
      }
      // What its people want is live, or its version says why it is not.
      const wanted = await world.champion();
      if (wanted !== undefined && wanted !== state.live?.modelVersion) expect(await world.tag(wanted)).toBeDefined();
      expect(await verifySubject(world.table, 'model:default/rain')).toMatchObject({ intact: true });
      expect((await world.rollouts()).filter(({ endedAt }) => endedAt === undefined)).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 120_000);
