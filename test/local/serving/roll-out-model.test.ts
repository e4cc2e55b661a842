import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleKey } from '../../../lambdas/registry/contract.ts';
import { readWindows, ServingRoutes } from '../../../lambdas/serving/contract.ts';
import { anInferEvent } from '../../builders/infer-event.ts';
import { type ServingCloud, servingCloud } from './serving-cloud.ts';

const MINUTE = 60_000;
const MACHINE = 'arn:aws:states:us-east-1:000000000000:execution:millrace-local-serving-roll-out-model';

let cloud: ServingCloud;
let restore: () => Promise<void>;
beforeAll(async () => {
  cloud = servingCloud();
  restore = await cloud.settings({ steps: [40, 100], bakeSeconds: 2, minRequests: 3, onTooFew: 'hold' });
});
afterAll(async () => {
  await restore();
  cloud.aws.destroy();
});

/** A version that is live, whatever was before. */
async function aLiveVersion() {
  const made = await cloud.register();
  await cloud.choose(made.version);
  const traffic = cloud.traffic();
  const rollout = await cloud.ended(made.version);
  await traffic.stop();
  expect(rollout).toMatchObject({ status: 'completed' });
  return made;
}

describe('endpoint rain on the local cloud', () => {
  test(
    'serves what its people chose, and each answer leads back to it',
    async () => {
      const { version, digest } = await aLiveVersion();
      const { status, body, headers } = await cloud.infer();
      expect({ status, body }).toMatchObject({ status: 200, body: { model_version: String(version) } });
      const predictionId = String(headers.get('x-millrace-prediction-id'));
      expect(await cloud.api.call(ServingRoutes.tracePrediction, { predictionId })).toMatchObject({
        bundle: digest,
        modelVersion: version,
        ref: `model-version:default/rain/${version}`,
      });
      expect(await cloud.show()).toMatchObject({ live: { modelVersion: version }, champion: version, codeDue: false });
    },
    MINUTE,
  );

  test('answers 503 on $LATEST, for which no rollout vouches', async () => {
    const event = JSON.stringify(anInferEvent());
    const { Payload } = await cloud.aws.lambda.send(
      new InvokeCommand({ FunctionName: 'millrace-local-endpoint-rain', Payload: event }),
    );
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatchObject({
      statusCode: 503,
      body: '{"error":"no model is live"}',
    });
  });

  test(
    'shares its traffic with the next version, and every request is answered and counted once',
    async () => {
      const { live } = await cloud.show();
      const from = new Date().toISOString();
      await sleep(1000);
      const next = await cloud.register();
      const traffic = cloud.traffic();
      await cloud.choose(next.version);
      const rollout = await cloud.ended(next.version);
      const answers = await traffic.stop();
      expect(rollout).toMatchObject({ status: 'completed', steps: [{ weight: 40, verdict: { decision: 'proceed' } }] });
      expect(answers.failed).toEqual([]);
      expect(Object.keys(answers.byVersion).sort()).toEqual([String(live?.modelVersion), String(next.version)].sort());
      const versions = [live?.functionVersion, rollout.candidate?.functionVersion].map(String);
      const counted = async () => {
        const windows = await Promise.all(
          versions.map((each) => readWindows(cloud.windows, 'default', 'rain', each, from, new Date().toISOString())),
        );
        return windows.map(({ requests }) => requests);
      };
      const asked = Object.values(answers.byVersion).reduce((sum, count) => sum + count, 0);
      // The window that the rollout began in also holds what came just before it.
      await cloud.until(counted, (counts) => counts[1] === answers.byVersion[next.version], 20);
      const [first, second] = await counted();
      expect(Number(first) + Number(second)).toBeGreaterThanOrEqual(asked);
    },
    2 * MINUTE,
  );

  test(
    'goes back to the version before within ten seconds, and only once',
    async () => {
      const { live: before } = await cloud.show();
      const next = await aLiveVersion();
      const { live } = await cloud.show();
      const began = Date.now();
      const wish = { endpoint: 'rain', from: String(live?.functionVersion), reason: 'a test' };
      const view = await cloud.api.call(ServingRoutes.rollBack, wish);
      expect((await cloud.infer()).body).toMatchObject({ model_version: String(before?.modelVersion) });
      expect(Date.now() - began).toBeLessThan(10_000);
      expect(view).toMatchObject({ live: { modelVersion: before?.modelVersion }, champion: next.version });
      await expect(cloud.api.call(ServingRoutes.rollBack, wish)).rejects.toMatchObject({ name: 'AliasMoved' });
      const { entries } = await cloud.api.call(ServingRoutes.showHistory, { endpoint: 'rain' });
      expect(entries.at(-1)).toMatchObject({ action: 'rollout-rolled-back', detail: { live: before?.modelVersion } });
    },
    2 * MINUTE,
  );

  test(
    'takes a version back whose answers shifted',
    async () => {
      const { live: before } = await cloud.show();
      const next = await cloud.register({ intercept: 9 });
      const traffic = cloud.traffic();
      await restore();
      restore = await cloud.settings({ steps: [40, 100], bakeSeconds: 2, minRequests: 25, onTooFew: 'hold' });
      await cloud.choose(next.version);
      const rollout = await cloud.ended(next.version);
      await traffic.stop();
      expect(rollout).toMatchObject({ status: 'rolled-back', reason: expect.stringMatching(/answers shifted/) });
      expect(await cloud.show()).toMatchObject({
        live: { modelVersion: before?.modelVersion },
        alias: { weights: {} },
      });
    },
    2 * MINUTE,
  );

  test(
    'refuses a bundle whose bytes were changed in S3, before any traffic',
    async () => {
      const before = await cloud.show();
      const { version, digest } = await cloud.register();
      const key = bundleKey('default', digest, 'model.onnx');
      const bytes = (await cloud.bundles.get(key)) as Uint8Array;
      await cloud.bundles.put(
        key,
        Buffer.from(bytes).map((byte, i) => (i === 300 ? byte ^ 1 : byte)),
      );
      await cloud.choose(version);
      expect(await cloud.ended(version)).toMatchObject({
        status: 'refused',
        reason: expect.stringMatching(/model\.onnx is sha256:.* expected sha256:/),
        steps: [],
      });
      expect((await cloud.show()).alias).toEqual(before.alias);
    },
    MINUTE,
  );

  test(
    'loses nothing when the rollout’s worker is killed again and again',
    async () => {
      const { version } = await cloud.register();
      const traffic = cloud.traffic();
      await cloud.choose(version);
      let killed = 0;
      const rollout = await cloud.until(
        async () => {
          if (killed < 3) killed += cloud.killWorkers('millrace-local-serving-roll-out-model');
          await sleep(400);
          return cloud.latest();
        },
        (each) => each?.modelVersion === version && each.endedAt !== undefined,
        90,
      );
      await traffic.stop();
      expect(killed).toBeGreaterThan(0);
      expect(rollout).toMatchObject({ status: 'completed' });
      expect(await cloud.show()).toMatchObject({ live: { modelVersion: version }, alias: { weights: {} } });
    },
    2 * MINUTE,
  );

  test(
    'goes on with a rollout whose execution was killed, under its next attempt',
    async () => {
      const { version } = await cloud.register();
      const traffic = cloud.traffic();
      await cloud.choose(version);
      const shared = await cloud.until(cloud.latest, (each) => each?.modelVersion === version && each.steps.length > 0);
      await cloud.aws.sfn.send(new StopExecutionCommand({ executionArn: `${MACHINE}:${shared?.id}-1` }));
      // On AWS Step Functions itself says so; here somebody asks.
      await cloud.api.call(ServingRoutes.startRollout, { endpoint: 'rain' });
      const rollout = await cloud.until(
        () => cloud.api.call(ServingRoutes.showRollout, { rollout: String(shared?.id) }),
        ({ endedAt }) => endedAt !== undefined,
      );
      await cloud.until(cloud.show, ({ running }) => running === undefined);
      await traffic.stop();
      expect(rollout).toMatchObject({ status: 'completed', attempt: 2 });
      expect(await cloud.show()).toMatchObject({ live: { modelVersion: version }, alias: { weights: {} } });
    },
    2 * MINUTE,
  );
});
