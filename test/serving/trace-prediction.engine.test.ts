import { expect, test } from '@jest/globals';
import { predictionIds } from '../../lambdas/serving/prediction-id.ts';
import { startRollout } from '../../lambdas/serving/request-rollout.ts';
import { tracePrediction } from '../../lambdas/serving/show-endpoint.ts';
import { RAIN_ENDPOINT, rolloutWorld } from '../builders/rollout-world.ts';

test('a prediction is traced back though its version was rolled out again since', async () => {
  const world = await rolloutWorld();
  await world.choose(1);
  await world.run();
  const [first] = await world.rollouts();
  world.pass(60);
  const id = predictionIds('rain', '1')(world.clock().getTime());
  world.pass(3600);
  await startRollout(world.news, RAIN_ENDPOINT, { dedupe: 'once-more', actor: 'ann' });
  await world.run();
  expect(await world.rollouts()).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
  expect(await world.state()).toMatchObject({ live: { functionVersion: '1' } });
  const trace = await tracePrediction({ table: world.table, endpoints: [RAIN_ENDPOINT] }, 'default', id);
  expect(trace).toMatchObject({ modelVersion: 1, functionVersion: '1', rollout: first?.id });
});
