import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { DataRoutes } from '../../../lambdas/data/contract.ts';
import { ref } from '../../../lambdas/lineage/contract.ts';
import { verifySubject } from '../../../lambdas/lineage/graph.ts';
import { registerModelVersion } from '../../../lambdas/registry/contract.ts';
import { digestOf } from '../../../lambdas/shared/digest.ts';
import { runIdOf } from '../../../lambdas/training/run.ts';
import { rainSpecText } from '../../builders/training-spec.ts';
import { until } from '../cloud/until.ts';
import { killWorkers, runsInside } from '../data/workers.ts';
import { trainingCloud } from './training-cloud.ts';

const cloud = trainingCloud();
const TASKS = `millrace-${cloud.stage}-training-tasks`;
const RELEASE = `millrace-${cloud.stage}-training-release`;
const STAND_IN = `millrace-${cloud.stage}-training-run-training-job`;
const spec = (change: (text: string) => string = (text) => text) => change(rainSpecText());
const byScript = spec((text) =>
  text.replace(
    '{ kind: logistic-regression, l2: 1 }',
    '{ kind: script, script: train.py, image: python:3, maxRuntimeSeconds: 60 }',
  ),
);
/** Never the same training twice, so that the step cache has no part in a test. */
let penalties = 0;
const fresh = () => spec((text) => text.replace('l2: 1', `l2: ${1 + ++penalties / 1000}`));

const machine = `arn:aws:states:us-east-1:000000000000:stateMachine:millrace-${cloud.stage}-training-train-model`;
const executionOf = (name: string) => `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
const finished = async (executionArn: string | undefined) => {
  for (;;) {
    const end = await cloud.aws.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (end.status !== 'RUNNING') return end;
    await sleep(50);
  }
};
/** Writes a run's file before the run is there: its id is known from the wish. */
const plant = (dedupe: string, file: string, content: unknown) =>
  cloud.artifacts.put(
    `${cloud.workspace}/runs/${runIdOf(cloud.workspace, 'rain', dedupe)}/${file}`,
    JSON.stringify(content),
  );

beforeAll(async () => {
  await cloud.createDataset();
  await cloud.land({ location: 'Seattle' });
  await cloud.apply();
  await cloud.train();
}, 60_000);

const failsWith = async (dedupe: string, name: string | RegExp) => {
  const before = await cloud.versions();
  const run = await cloud.train({ dedupe });
  expect(run).toMatchObject({ status: 'failed', error: { name: expect.stringMatching(name) } });
  expect(await finished(executionOf(`${run.runId}-1`))).toMatchObject({ status: 'FAILED', error: run.error?.name });
  expect(await cloud.versions()).toBe(before);
  return run;
};

describe('a worker that dies', () => {
  test.each([[0], [150], [400], [900]])('after %i ms loses nothing and does nothing twice', async (after) => {
    await cloud.apply(fresh());
    const before = await cloud.versions();
    const { runId } = await cloud.start();
    await sleep(after);
    killWorkers(cloud.endpoint, TASKS);
    killWorkers(cloud.endpoint, RELEASE);
    expect(await cloud.ended(runId)).toMatchObject({ status: 'succeeded', attempt: 1, version: before + 1 });
    expect(await cloud.versions()).toBe(before + 1);
    expect(await verifySubject(cloud.catalogue, ref('model', cloud.workspace, 'rain'))).toMatchObject({
      intact: true,
    });
  });

  test('with a training script in it takes the script along, and another runs it', async () => {
    const script = `
import os, shutil, time
time.sleep(1)
shutil.copy(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "train.csv"), os.environ["SM_MODEL_DIR"])
`;
    await cloud.apply(byScript, { 'train.py': script });
    const { runId } = await cloud.start();
    // Not before the script runs: a function that dies while it starts is another story, and not this one.
    await until(() => runsInside(cloud.endpoint, 'train.py'), 30);
    killWorkers(cloud.endpoint, STAND_IN);
    // The second try ran to its end: it is the missing model that is complained of.
    expect(await cloud.ended(runId)).toMatchObject({
      ...{ status: 'failed', attempt: 1 },
      error: { name: 'TrainingOutputInvalid', message: expect.stringContaining('has train.csv') },
    });
  });
});

test('an execution that is stopped has a new attempt when its training is asked for again', async () => {
  await cloud.apply(fresh());
  const before = await cloud.versions();
  const { runId } = await cloud.start({ dedupe: 'stopped' });
  await cloud.aws.sfn.send(new StopExecutionCommand({ executionArn: executionOf(`${runId}-1`) }));
  await finished(executionOf(`${runId}-1`));
  const again = await cloud.start({ dedupe: 'stopped' });
  expect(again).toMatchObject({ runId, attempt: 2 });
  expect(await cloud.ended(runId)).toMatchObject({ status: 'succeeded', attempt: 2, version: before + 1 });
});

describe('a step that fails for good is recorded, and the execution fails with it:', () => {
  test('Resolve, and with it the record, of a run that does not exist', async () => {
    const input = JSON.stringify({ workspace: cloud.workspace, runId: 'none', attempt: 1 });
    const { executionArn } = await cloud.aws.sfn.send(new StartExecutionCommand({ stateMachineArn: machine, input }));
    expect(await finished(executionArn)).toMatchObject({ status: 'FAILED', error: 'RunMissing' });
  });

  test('Train, where all labels are the same', async () => {
    await cloud.apply(fresh().replace('above: 0', 'above: 400'));
    await failsWith('train', 'TrainingLabelsUnusable');
  });

  test('CollectModel, where the script leaves no model', async () => {
    await cloud.apply(byScript, { 'train.py': 'print("nothing")' });
    await failsWith('collect', 'TrainingOutputInvalid');
  });

  test('Judge, where the evaluation has lost its rivals', async () => {
    await cloud.apply(fresh());
    await plant('judge', 'evaluation.json', { evaluation: { metrics: {} } });
    await failsWith('judge', 'TypeError');
  });

  test('Package, where the trained files are gone', async () => {
    await plant('package', 'trained.json', { onnx: digestOf('none'), golden: digestOf(''), baseline: digestOf('') });
    await plant('package', 'evaluation.json', { evaluation: { metrics: {}, rivals: {} } });
    await plant('package', 'gate.json', { passed: true, checks: [] });
    await failsWith('package', 'StepOutputMissing');
  });

  test('Register, where the run’s token registered something else', async () => {
    await cloud.apply(fresh());
    const runId = runIdOf(cloud.workspace, 'rain', 'register');
    await registerModelVersion(cloud.catalogue, {
      ...{ workspace: cloud.workspace, model: 'rain', bundle: digestOf('other'), metrics: {}, gate: {} },
      ...{ run: ref('run', cloud.workspace, runId), dataset: ref('dataset-version', cloud.workspace, 'weather/x') },
      ...{ spec: ref('spec', cloud.workspace, 'x'), token: `run/${runId}`, actor: 'tests', at: '2026-01-05T09:00:00Z' },
    });
    await failsWith('register', 'TokenReused');
  });

  test('Reject, where the evidence is more than an item holds', async () => {
    await cloud.apply(fresh());
    await plant('reject', 'evaluation.json', { evaluation: { metrics: {}, rivals: {} } });
    await plant('reject', 'gate.json', { passed: false, checks: [{ name: 'x'.repeat(500_000) }] });
    await failsWith('reject', /./);
  });

  test('Evaluate and PrepareJob, where a data file is gone', async () => {
    await cloud.apply(byScript, { 'train.py': 'print(1)' });
    const { manifest } = await cloud.api.call(DataRoutes.showVersion, { dataset: 'weather', version: 'latest' });
    const remove = (split: string) => {
      const path = manifest.files.find((file) => file.split === split)?.path;
      const Bucket = `millrace-${cloud.stage}-curated-000000000000-us-east-1`;
      return cloud.aws.s3.send(new DeleteObjectCommand({ Bucket, Key: `${cloud.workspace}/weather/${path}` }));
    };
    await remove('train');
    await failsWith('prepare', 'CuratedFileDamaged');
    await plant('evaluate', 'trained.json', { onnx: digestOf('none') });
    await failsWith('evaluate', /./);
  });
});
