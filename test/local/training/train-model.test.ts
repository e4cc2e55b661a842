import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ref } from '../../../lambdas/lineage/contract.ts';
import { verifySubject, walk } from '../../../lambdas/lineage/graph.ts';
import { bundleKey, openBundle, RegistryRoutes } from '../../../lambdas/registry/contract.ts';
import { kmsSigner } from '../../../lambdas/shared/aws/kms-signer.ts';
import type { Digest } from '../../../lambdas/shared/digest.ts';
import { TrainingRoutes } from '../../../lambdas/training/contract.ts';
import { rainSpecText } from '../../builders/training-spec.ts';
import { trainingCloud } from './training-cloud.ts';

const cloud = trainingCloud();
const byScript = rainSpecText().replace(
  '{ kind: logistic-regression, l2: 1 }',
  '{ kind: script, script: train_model.py, image: python:3, parameters: { l2: 1 } }',
);

beforeAll(async () => {
  await cloud.createDataset();
  await cloud.land({ location: 'Seattle' });
  await cloud.apply();
}, 60_000);

describe('a training', () => {
  test('ends with a judged, sealed and registered version, with the rights that its functions have', async () => {
    const run = await cloud.train({ dedupe: 'first', reason: 'the first' });
    expect(run).toMatchObject({
      status: 'succeeded',
      version: 1,
      attempt: 1,
      reason: 'the first',
      gate: { passed: true },
    });
    expect(run.metrics?.['auc']).toBeCloseTo(0.772, 3);
    const bundle = run.bundle as Digest;
    const { manifest } = await openBundle({
      read: (file) => cloud.bundles.get(bundleKey(cloud.workspace, bundle, file)),
      digest: bundle,
      publicKeyPem: await kmsSigner('alias/millrace-local-signer', cloud.aws.kms).publicKeyPem(),
    });
    expect(manifest).toMatchObject({ code: { commit: 'abcdef1', trainer: expect.stringMatching(/^sha256:/) } });
    const { aliases } = await cloud.api.call(RegistryRoutes.showModel, { model: cloud.model });
    expect(aliases).toEqual({});
    const version = ref('model-version', cloud.workspace, 'rain/1');
    const { nodes } = await walk(cloud.catalogue, version, { direction: 'upstream' });
    expect(nodes.map((node) => node.ref.split(':')[0])).toEqual(
      expect.arrayContaining(['bundle', 'run', 'dataset-version', 'spec', 'code', 'raw-object']),
    );
    expect(await verifySubject(cloud.catalogue, ref('model', cloud.workspace, 'rain'))).toMatchObject({ intact: true });
  });

  test('asked for again is the same run, and one with equal inputs takes the earlier model', async () => {
    const first = await cloud.train({ dedupe: 'first' });
    expect(first.version).toBe(1);
    const second = await cloud.train({ dedupe: 'second' });
    expect(second).toMatchObject({ status: 'succeeded', version: 2, reusedFrom: first.runId });
  });

  test('that does not pass its gate is rejected with evidence', async () => {
    await cloud.apply(rainSpecText().replace('against: persistence }', 'against: persistence, by: 0.5 }'));
    const before = await cloud.versions();
    const run = await cloud.train();
    expect(run).toMatchObject({ status: 'rejected', gate: { passed: false } });
    expect(await cloud.versions()).toBe(before);
  });

  test('whose data has no test year says so and fails', async () => {
    const other = trainingCloud();
    await other.createDataset();
    await other.land({ location: 'Seattle', to: '2014-12-31' });
    await other.apply();
    const run = await other.train();
    expect(run).toMatchObject({ status: 'failed', error: { name: 'TrainingRowsUnusable' } });
    await other.land({ location: 'Seattle', from: '2015-01-01' });
    expect(await other.train()).toMatchObject({ status: 'succeeded', version: 1 });
  });
});

describe('a training script', () => {
  test('in plain Python trains, is judged, sealed and registered as any other', async () => {
    await cloud.apply(byScript, {
      'train_model.py': readFileSync(join(import.meta.dirname, '../../..', 'examples/weather/train_model.py'), 'utf8'),
    });
    const before = await cloud.versions();
    const run = await cloud.train();
    expect(run).toMatchObject({ status: 'succeeded', version: before + 1 });
    expect(run.metrics?.['auc']).toBeCloseTo(0.772, 3);
    const archives = await cloud.artifacts.list(`${cloud.workspace}/runs/${run.runId}/job/`);
    expect(archives).toEqual([expect.stringMatching(/-1\/output\/model\.tar\.gz$/)]);
  });

  test('that fails fails its run with its words, and the next attempt runs it anew', async () => {
    await cloud.apply(byScript, { 'train_model.py': 'raise SystemExit("no rain today")' });
    const run = await cloud.train({ dedupe: 'script' });
    expect(run).toMatchObject({
      ...{ status: 'failed', attempt: 1 },
      error: { name: 'TrainingScriptFailed', message: expect.stringContaining('no rain today') },
    });
    expect(await cloud.train({ dedupe: 'script' })).toMatchObject({ runId: run.runId, status: 'failed', attempt: 2 });
  });
});

describe('a retraining that was asked for', () => {
  test('starts one run, however often the event arrives', async () => {
    await cloud.apply();
    const detail = {
      ...{ id: 'e1', workspace: cloud.workspace, model: 'rain', reason: 'wind has PSI 0.9' },
      ...{ dedupe: 'retraining/rain/1', retraining: 'rain/1' },
    };
    const entry = {
      EventBusName: 'millrace-local',
      Source: 'millrace.monitoring',
      DetailType: 'RetrainingRequested',
      Detail: JSON.stringify(detail),
    };
    await cloud.aws.events.send(new PutEventsCommand({ Entries: [entry, entry, entry] }));
    const started = async () =>
      (await cloud.api.call(TrainingRoutes.listRuns, { model: 'rain' })).runs.filter(
        ({ actor }) => actor === 'training/start-training',
      );
    while ((await started()).length === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    const [run] = await started();
    expect(await cloud.ended(run?.runId as string)).toMatchObject({ status: 'succeeded', reason: 'wind has PSI 0.9' });
    expect(await started()).toHaveLength(1);
  });
});
