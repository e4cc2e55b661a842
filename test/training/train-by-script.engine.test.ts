import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runTrainingJob } from '../../lambdas/training/aws/run-training-job.ts';
import { requireRun } from '../../lambdas/training/run-store.ts';
import { TrainingJobRequest } from '../../lambdas/training/training-job.ts';
import { trackingServer } from '../builders/tracking-server.ts';
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

  const tracked = async ({ platform, run }: Awaited<ReturnType<typeof scripted>>) => {
    const { mlflow } = trackingServer({ table: platform.tracking });
    const { body } = await mlflow('GET', 'runs/get', { run_id: run.runId });
    const wish = { run_id: run.runId, metric_key: 'training_loss' };
    const { metrics } = (await mlflow('GET', 'metrics/get-history', wish)).body;
    const { tags } = body.run.data as { tags: { key: string; value: string }[] };
    return {
      losses: metrics as { step: number; value: number }[],
      metrics: body.run.data.metrics as { key: string; value: number }[],
      told: tags.find(({ key }) => key === 'millrace.metrics')?.value,
    };
  };

  test('leaves its curves in the MLflow run', async () => {
    const { losses, told } = await tracked(await scripted());
    expect(losses.length).toBeGreaterThan(3);
    expect(losses[0]).toMatchObject({ step: 0, value: expect.closeTo(Math.log(2), 10) });
    for (const [i, { step, value }] of losses.entries()) {
      expect(step).toBe(i);
      if (i > 0) expect(value).toBeLessThanOrEqual((losses[i - 1] as { value: number }).value);
    }
    expect(told).toBeUndefined();
  });

  test('with unreadable curves is trained all the same, and its run says why they are not there', async () => {
    const given = await scripted(script.replace('*enumerate(losses)]', '[0, "low"]]'));
    expect(given.end).toMatchObject({ status: 'SUCCEEDED' });
    const { losses, told } = await tracked(given);
    expect([losses, told]).toEqual([[], 'metrics.csv: line 2, training_loss: got "low", expected a number']);
  });

  test('does not say how good its model is: what the platform measures stands', async () => {
    const given = await scripted(script.replace('["step", "training_loss"]', '["step", "auc"]'));
    const { metrics } = await tracked(given);
    expect(metrics.find(({ key }) => key === 'auc')?.value).toBeCloseTo(0.772, 3);
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
