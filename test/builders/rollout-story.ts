import { readLedger } from '../../lambdas/lineage/contract.ts';
import { type RolloutWorld, rolloutWorld } from './rollout-world.ts';

/** The ledger's words about rollouts, oldest first. */
export const actions = async ({ table }: RolloutWorld) =>
  (await readLedger(table, 'model:default/rain'))
    .map(({ action }) => action)
    .filter((action) => /^rollout/.test(action));

/** A world in which version 1 is live as function version 1. */
export async function withLive(hooks = {}) {
  const world = await rolloutWorld(hooks);
  await world.choose(1);
  await world.run(undefined, {});
  await world.deliver();
  return world;
}

/** A hook by which both versions have had traffic when a step is judged. */
export const judged = (live: string, candidate: string, requests = 200) => ({
  async before(task: string, world: RolloutWorld) {
    if (task !== 'judge') return;
    world.pass(300);
    await world.traffic(live, requests * 9);
    await world.traffic(candidate, requests);
  },
});
