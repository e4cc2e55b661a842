import { beforeAll, describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { ServingRoutes } from '../../lambdas/serving/contract.ts';
import { servingEndpoints } from '../../lambdas/serving/handlers/api.ts';
import { predictionIds } from '../../lambdas/serving/prediction-id.ts';
import { api } from '../../lambdas/shared/api.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import { type ApiEventParts, anApiEvent } from '../builders/api-event.ts';
import { RAIN_ENDPOINT, type RolloutWorld, rolloutWorld } from '../builders/rollout-world.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

let world: RolloutWorld;
let ask: (parts: ApiEventParts) => Promise<{ status: number; body: Record<string, unknown> }>;
beforeAll(async () => {
  world = await rolloutWorld();
  await world.choose(1);
  await world.run();
  const deps = { ...world.news, newId };
  const handler = api(
    servingEndpoints.map((each) => each.with(deps)),
    { logger: recordingLogger() },
  ).lambda();
  ask = async (parts) => {
    const answer = (await handler(
      anApiEvent({ caller: { roles: 'operator' }, ...parts }),
      {} as never,
    )) as APIGatewayProxyResult;
    return { status: answer.statusCode, body: JSON.parse(answer.body) };
  };
});

describe('the serving API', () => {
  test('mounts every route of the contract', () => {
    expect(servingEndpoints.map(({ route }) => route).sort()).toEqual(Object.values(ServingRoutes).sort());
  });

  test('shows what is live beside where the alias points and what is wanted', async () => {
    const { status, body } = await ask({ path: '/serving/endpoints/rain' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      endpoint: 'rain',
      live: { modelVersion: 1, functionVersion: '1' },
      alias: { functionVersion: '1', weights: {} },
      champion: 1,
      codeDue: false,
    });
    expect(body).not.toHaveProperty('revision');
    expect((await ask({ path: '/serving/endpoints' })).body).toEqual({ endpoints: [body] });
  });

  test('says that a rollout is due after a deploy', async () => {
    world.functions.deploy('code-2');
    expect((await ask({ path: '/serving/endpoints/rain' })).body).toMatchObject({ codeDue: true });
  });

  test('lists rollouts and shows one', async () => {
    const { body } = await ask({ path: '/serving/endpoints/rain/rollouts', query: { limit: '5' } });
    const [rollout] = body['rollouts'] as { id: string }[];
    expect(rollout).toMatchObject({ status: 'completed' });
    expect((await ask({ path: `/serving/rollouts/${rollout?.id}` })).body).toEqual(rollout);
  });

  test('tells what was live when', async () => {
    const { body } = await ask({ path: '/serving/endpoints/rain/history' });
    expect((body['entries'] as { action: string }[]).map(({ action }) => action)).toEqual([
      'rollout-started',
      'rollout-completed',
    ]);
  });

  test('traces a prediction to its model version and bundle', async () => {
    const predictionId = predictionIds('rain', '1')(Date.parse('2026-03-01T13:00:00.123Z'));
    const { status, body } = await ask({ path: `/serving/predictions/${predictionId}` });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        endpoint: 'rain',
        functionVersion: '1',
        at: '2026-03-01T13:00:00.123Z',
        modelVersion: 1,
        bundle: world.digests[0],
        ref: 'model-version:default/rain/1',
      },
    });
  });

  test.each([
    ['an unknown endpoint', { path: '/serving/endpoints/snow' }, 404, 'EndpointUnknown'],
    [
      'another workspace’s endpoint',
      { path: '/serving/endpoints/rain', headers: { 'x-millrace-workspace': 'blue' } },
      404,
      'EndpointUnknown',
    ],
    ['an unknown rollout', { path: `/serving/rollouts/${'0'.repeat(32)}` }, 404, 'RolloutUnknown'],
    ['no prediction id', { path: '/serving/predictions/abc' }, 404, 'PredictionUnknown'],
    [
      'the id of a version that was never published',
      { path: `/serving/predictions/${predictionIds('rain', '99')(Date.now())}` },
      404,
      'PredictionUnknown',
    ],
    [
      'the id of a time before its version',
      { path: `/serving/predictions/${predictionIds('rain', '1')(0)}` },
      404,
      'PredictionUnknown',
    ],
    [
      'a rollback by a scientist',
      { method: 'POST', path: '/serving/endpoints/rain/rollback', caller: { roles: 'scientist' } },
      403,
      'RoleMissing',
    ],
    [
      'a rollback to nothing',
      { method: 'POST', path: '/serving/endpoints/rain/rollback', body: {} },
      409,
      'NothingToRollBackTo',
    ],
    [
      'a version that is no number',
      { method: 'POST', path: '/serving/endpoints/rain/rollback', body: { from: 'x' } },
      400,
      'InvalidInput',
    ],
  ])('refuses %s', async (_, parts, status, name) => {
    expect(await ask(parts)).toMatchObject({ status, body: { name } });
  });

  test('starts a rollout of the champion, once for each key', async () => {
    const parts = { method: 'POST', path: '/serving/endpoints/rain/rollouts', body: { dedupe: 'deploy-7' } };
    const first = await ask(parts);
    expect(first).toMatchObject({ status: 200, body: { status: 'running', modelVersion: 1, attempt: 1 } });
    expect(await ask(parts)).toEqual(first);
    expect(world.executions.started.at(-1)).toMatchObject({
      name: `${first.body['id']}-1`,
      input: { workspace: RAIN_ENDPOINT.workspace, attempt: 1 },
    });
  });
});
