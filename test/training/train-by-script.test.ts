import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runTrainingJob } from '../../lambdas/training/aws/run-training-job.ts';
import { requireRun } from '../../lambdas/training/run-store.ts';
import { TrainingJobRequest } from '../../lambdas/training/training-job.ts';
import { aSeattlePlatform, openVersion, versionsOf } from '../builders/training-platform.ts';
import { rainSpecText } from '../builders/training-spec.ts';
import { train } from '../builders/training-steps.ts';

describe('a training script', () => {
  const script = readFileSync(join(import.meta.dirname, '../..', 'examples/weather/train_model.py'), 'utf8');
  const spec = rainSpecText().replace(
    '{ kind: logistic-regression, l2: 1 }',
    '{ kind: script, script: train_model.py, image: python:3, parameters: { l2: 1 } }',
  );
  const scripted = async (text = script) => {
    const platform = await aSeattlePlatform();
    await platform.apply(spec, { 'train_model.py': text });
    const deps = { artifacts: platform.artifacts, path: process.env['PATH'] ?? '', maxSeconds: 60 };
    const job = async (_: string, request: unknown) => runTrainingJob(deps, TrainingJobRequest.parse(request));
    const run = await platform.start();
    return { platform, run, end: await train(platform, run, { job }) };
  };

  test('in plain Python trains, is judged, sealed and registered as any other', async () => {
    const { platform, end, run } = await scripted();
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: { status: 'succeeded', version: 1 } });
    expect(end.visited).toEqual([
      ...['Resolve', 'Place', 'PrepareJob', 'TrainByScript', 'CollectModel', 'Evaluate', 'Judge', 'Passed'],
      ...['Package', 'Register'],
    ]);
    const { manifest } = await openVersion(platform, 1);
    expect(manifest.trainedWith).toEqual({ trainer: 'train_model.py', node: null, image: 'python:3' });
    const { metrics } = await requireRun(platform.table, 'default', run.runId);
    expect(metrics?.['auc']).toBeCloseTo(0.772, 3);
  });

  test.each([
    ['leaves no model', 'print("nothing")', 'TrainingOutputInvalid', /has no file, expected model.onnx/],
    ['ends with an error', 'raise SystemExit("no")', 'TrainingScriptFailed', /ended with code 1; it said: no/],
    [
      'leaves something else as its model',
      'import os; open(os.environ["SM_MODEL_DIR"] + "/model.onnx", "wb").write(b"\\x80\\x04pickle")',
      'ModelFileMalformed',
      /./,
    ],
    [
      'leaves a model with other inputs',
      script.replace('logistic_onnx(features,', 'logistic_onnx(["a", "b", "c", "d"],'),
      'TrainingOutputInvalid',
      /inputs are a FP32 \[-1, 1\].*expected FP32 \[-1, 1\] for each of precipitation/,
    ],
  ])('that %s fails the run with its reason, and registers nothing', async (_, text, name, message) => {
    const { platform, run, end } = await scripted(text);
    expect(end).toMatchObject({ status: 'FAILED', error: name });
    expect(await requireRun(platform.table, 'default', run.runId)).toMatchObject({
      ...{ status: 'failed', error: { name, message: expect.stringMatching(message) } },
    });
    expect([await versionsOf(platform), platform.bundles.keys()]).toEqual([0, []]);
  });
});
