import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apiClient } from '../../../bin/client/api-client.ts';
import { projectRoot } from '../../../bin/local/places.ts';
import { DataRoutes, datasetRef } from '../../../lambdas/data/contract.ts';
import { readLedger, ref } from '../../../lambdas/lineage/contract.ts';
import { verifySubject } from '../../../lambdas/lineage/graph.ts';
import { ServingRoutes } from '../../../lambdas/serving/contract.ts';
import { TrainingRoutes } from '../../../lambdas/training/contract.ts';
import { weatherCsv } from '../../builders/dataset.ts';
import { type CliEnd, runCli, startCli } from '../cli-process.ts';
import { servingCloud } from '../serving/serving-cloud.ts';
import { cuttingProxy } from './cutting-proxy.ts';

const MINUTE = 60_000;
const cloud = servingCloud();
const workspace = `killed-${randomBytes(6).toString('hex')}`;
const own = { ...cloud, workspace, api: apiClient({ ...cloud.api.connection, workspace }) };
const EXAMPLE = join(projectRoot, 'examples/weather');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-killed-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  cloud.aws.destroy();
});

/** Runs a command that is killed when the platform has answered `after` of its requests, and then runs it again. */
async function killedThenAgain(
  platform: { endpoint: string; token: string; workspace?: string },
  after: number,
  ...words: string[]
): Promise<CliEnd> {
  let kill = () => {};
  const proxy = await cuttingProxy(platform.endpoint, after, () => kill());
  const command = startCli({ ...platform, endpoint: proxy.endpoint }, ...words);
  kill = command.kill;
  // Without an exit code: it was killed, and so it did come to this request.
  expect(await command.ended()).toMatchObject({ code: null, output: undefined });
  proxy.close();
  return runCli(platform, ...words);
}

const csv = (name: string, text: string): string => {
  const file = join(folder, `${name}.csv`);
  writeFileSync(file, text);
  return file;
};

describe('a command that is killed', () => {
  test('data create, after 2: the dataset is made', async () => {
    const words = ['data', 'create', 'weather', '--spec', join(EXAMPLE, 'weather.yaml')];
    expect(await killedThenAgain(own, 2, ...words)).toMatchObject({ code: 0, output: { dataset: 'weather' } });
    const subject = datasetRef(workspace, 'weather');
    expect(await verifySubject(cloud.catalogue, subject)).toMatchObject({ intact: true, entries: 1 });
  });

  test.each([
    [1, 'the platform is found', { from: '2012-01-01', to: '2013-06-30' }],
    [2, 'the upload is announced', { from: '2013-07-01', to: '2014-12-31' }],
    [3, 'the file is uploaded', { from: '2015-01-01', to: '2015-06-30' }],
    [4, 'its ingestion is looked at', { from: '2015-07-01', to: '2015-12-31' }],
  ])('data put, after %i: %s', async (after, _, days) => {
    const text = weatherCsv({ location: 'Seattle', ...days });
    const before = (await own.api.call(DataRoutes.listVersions, { dataset: 'weather' })).versions;
    const file = csv(`seattle-${after}`, text);
    const again = await killedThenAgain(own, after, 'data', 'put', 'weather', file);
    expect(again).toMatchObject({ code: 0, output: { status: 'succeeded' } });
    const { versions } = await own.api.call(DataRoutes.listVersions, { dataset: 'weather' });
    const rows = (before[0]?.rows ?? 0) + text.trim().split('\n').length - 1;
    expect(versions).toMatchObject([{ number: before.length + 1, rows }, ...before]);
    const ledger = await verifySubject(cloud.catalogue, datasetRef(workspace, 'weather'));
    expect(ledger).toMatchObject({ intact: true, entries: versions.length + 1 });
  });

  test('model apply, after 2: the spec is stored', async () => {
    const again = await killedThenAgain(own, 2, 'model', 'apply', join(EXAMPLE, 'model.yaml'));
    expect(again).toMatchObject({ code: 0, output: { spec: { model: 'rain' } } });
    const ledger = await verifySubject(cloud.catalogue, ref('model', workspace, 'rain'));
    expect(ledger).toMatchObject({ intact: true, entries: 1 });
  });

  test.each([
    [2, 'the run has started'],
    [3, 'the run is looked at'],
  ])('model train, after %i: %s', async (after) => {
    const again = await killedThenAgain(own, after, 'model', 'train', 'rain', '--dedupe', `killed-${after}`);
    expect(again).toMatchObject({ code: 0, output: { status: 'succeeded', attempt: 1, version: after - 1 } });
    const { runs } = await own.api.call(TrainingRoutes.listRuns, { model: 'rain' });
    expect(runs.map(({ version }) => version)).toEqual([2, 1].slice(3 - after));
    const ledger = await verifySubject(cloud.catalogue, ref('model', workspace, 'rain'));
    // The spec's own entry, and one a version.
    expect(ledger).toMatchObject({ intact: true, entries: after });
  });
});

describe('a command for an endpoint that is killed', () => {
  let restore: () => Promise<void>;
  beforeAll(async () => {
    restore = await cloud.settings({ steps: [50, 100], bakeSeconds: 1, minRequests: 1, onTooFew: 'proceed' });
  });
  afterAll(() => restore());

  const actionsAbout = async (version: number, rollout: string) => {
    const entries = await readLedger(cloud.catalogue, 'model:default/rain');
    const about = entries.filter(
      ({ detail }) => detail['version'] === version || detail['rollout'] === `rollout:default/${rollout}`,
    );
    return about.map(({ action }) => action);
  };
  const rollouts = async () => (await cloud.api.call(ServingRoutes.listRollouts, { endpoint: 'rain' })).rollouts;

  test(
    'model champion, after 2: the champion is chosen',
    async () => {
      const { version } = await cloud.register();
      const again = await killedThenAgain(cloud, 2, 'model', 'champion', 'rain', String(version));
      expect(again).toMatchObject({ code: 0, output: { alias: 'champion', version } });
      const rollout = await cloud.ended(version);
      expect(rollout).toMatchObject({ status: 'completed', attempt: 1 });
      expect(await actionsAbout(version, rollout.id)).toEqual([
        ...['model-version-registered', 'champion-chosen', 'rollout-started', 'rollout-completed'],
      ]);
      expect((await rollouts()).filter(({ modelVersion }) => modelVersion === version)).toHaveLength(1);
      const view = await cloud.show();
      expect(view).toMatchObject({ champion: version, live: { modelVersion: version }, alias: { weights: {} } });
      expect(view.live?.functionVersion).toBe(view.alias.functionVersion);
    },
    MINUTE,
  );

  test.each([
    [2, 'the rollout is asked for'],
    [3, 'the rollout is looked at'],
  ])(
    'endpoint rollout, after %i: %s',
    async (after) => {
      const before = await rollouts();
      const words = ['endpoint', 'rollout', 'rain', '--dedupe', `${workspace}-${after}`];
      const again = await killedThenAgain(cloud, after, ...words);
      expect(again).toMatchObject({ code: 0, output: { status: 'completed', attempt: 1 } });
      expect(await rollouts()).toHaveLength(before.length + 1);
      const ledger = await verifySubject(cloud.catalogue, ref('model', 'default', 'rain'));
      expect(ledger).toMatchObject({ intact: true });
    },
    MINUTE,
  );
});
