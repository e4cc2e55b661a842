import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { apiClient } from '../../../bin/client/api-client.ts';
import type { Tour } from '../../../bin/demo/stations.ts';
import { liveTraffic, replay } from '../../../bin/demo/traffic.ts';
import { daysOf } from '../../../bin/demo/weather.ts';
import { type AwsClients, awsClients } from '../../../bin/local/aws-clients.ts';
import { deploy, type LocalCloud } from '../../../bin/local/cloud.ts';
import { GatewayRoutes } from '../../../lambdas/gateway/contract.ts';
import { parsePredictionId, ServingRoutes } from '../../../lambdas/serving/contract.ts';
import { anInferEvent } from '../../builders/infer-event.ts';
import { runCli } from '../cli-process.ts';
import { touredCloud } from '../toured-cloud.ts';
import { changedAssembly } from './changed-assembly.ts';
import { keptState } from './kept-state.ts';

const MINUTE = 60_000;
const ENDPOINT = { FunctionName: 'millrace-local-endpoint-rain' };
/** Parts of their assets' names: the endpoint's handler, and one that everything goes through. */
const CHANGED = ['Endpoint-rain/Function', 'Authorize/'];

let cloud: LocalCloud;
let aws: AwsClients;
let tour: Tour;
let appToken: string;

beforeAll(async () => {
  ({ cloud, tour } = await touredCloud('update'));
  aws = awsClients(cloud.endpoint);
  appToken = (await tour.api.call(GatewayRoutes.createToken, { name: 'an app', roles: ['app'] })).token;
}, 4 * MINUTE);
afterAll(async () => {
  aws?.destroy();
  await cloud?.stop();
});

/** One prediction with the app's token. */
const ask = async () => {
  const app = apiClient({ ...tour.api.connection, token: appToken });
  const days = daysOf(tour.days, 'Seattle', '2015-01-01', '2015-01-02');
  const [answer] = await replay(app, 'rain', tour.metadata!, days);
  const { modelVersion, predictionId } = answer!;
  return { modelVersion, functionVersion: parsePredictionId(predictionId)?.functionVersion };
};
const status = () => tour.api.call(ServingRoutes.showEndpoint, { endpoint: 'rain' });
const latestCode = async () => (await aws.lambda.send(new GetFunctionConfigurationCommand(ENDPOINT))).CodeSha256;

/** Deploys the app with other code of the changed functions, and says what of everything is not as it was. */
async function deployChanged(comment: string): Promise<string[]> {
  const [before, code] = [await keptState(aws), await latestCode()];
  const assembly = join(cloud.emulator.folder, comment);
  await deploy(cloud.emulator, { assembly: changedAssembly(cloud.assembly, assembly, comment, CHANGED) });
  rmSync(assembly, { recursive: true });
  const after = await keptState(aws);
  expect(await latestCode()).not.toBe(code);
  return Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

async function latestIsNobody(): Promise<void> {
  const call = { ...ENDPOINT, Payload: JSON.stringify(anInferEvent()) };
  const { Payload } = await aws.lambda.send(new InvokeCommand(call));
  const { statusCode, body } = JSON.parse(Buffer.from(Payload ?? []).toString());
  expect({ statusCode, body }).toEqual({ statusCode: 503, body: '{"error":"no model is live"}' });
}

test('there is something to lose', async () => {
  const names = Object.keys(await keptState(aws));
  for (const kind of [
    /^version .*endpoint-rain:1$/,
    /^alias .*endpoint-rain:live$/,
    /^item .*-catalogue default#dataset-version/,
    /^item .*-catalogue default#model-version/,
    /^item .*-tokens /,
    /^object .*-raw-/,
    /^object .*-curated-/,
    /^object .*-bundles-/,
  ])
    expect(names).toContainEqual(expect.stringMatching(kind));
  expect(await ask()).toEqual({ modelVersion: '1', functionVersion: '1' });
  expect(await status()).toMatchObject({ codeDue: false });
});

test(
  'a deployment of changed code changes $LATEST and nothing else',
  async () => {
    expect(await deployChanged('first-change')).toEqual([]);
    expect(await ask()).toEqual({ modelVersion: '1', functionVersion: '1' });
    expect(await status()).toMatchObject({ codeDue: true, alias: { functionVersion: '1', weights: {} } });
    await latestIsNobody();
  },
  2 * MINUTE,
);

test(
  'a rollout of the same champion brings the new code to traffic',
  async () => {
    const traffic = liveTraffic(tour.api, 'rain', tour.metadata!, tour.days);
    const { code, output } = await runCli(
      { ...cloud, token: tour.api.connection.token },
      'endpoint',
      'rollout',
      'rain',
    );
    await traffic.stop();
    expect({ code, output }).toMatchObject({ code: 0, output: { status: 'completed', modelVersion: 1 } });
    expect(traffic.counts()).toEqual({ byVersion: { 1: expect.any(Number) }, failed: 0 });
    expect(await ask()).toEqual({ modelVersion: '1', functionVersion: '2' });
    const view = await status();
    expect(view).toMatchObject({ codeDue: false, live: { codeSha256: await latestCode() } });
    expect(view.kept.map(({ functionVersion }) => functionVersion)).toEqual(['1']);
  },
  2 * MINUTE,
);

test(
  'a second deployment keeps that too',
  async () => {
    expect(await deployChanged('second-change')).toEqual([]);
    expect(await ask()).toEqual({ modelVersion: '1', functionVersion: '2' });
    expect(await status()).toMatchObject({ codeDue: true, alias: { functionVersion: '2', weights: {} } });
    await latestIsNobody();
  },
  2 * MINUTE,
);
