import { describe, expect, test } from '@jest/globals';
import { trackingServer } from '../builders/tracking-server.ts';
import { aSeattlePlatform } from '../builders/training-platform.ts';
import { train } from '../builders/training-steps.ts';

describe('a training', () => {
  test('is an MLflow run with its parameters, its metrics, the losses of its steps and how it ended', async () => {
    const platform = await aSeattlePlatform();
    const run = await platform.start();
    await train(platform, run);
    const { mlflow, call } = trackingServer({ table: platform.tracking });
    const { body } = await mlflow('GET', 'runs/get', { run_id: run.runId });
    expect(body.run.info).toMatchObject({ run_id: run.runId, status: 'FINISHED', user_id: 'token-1' });
    const params = new Map(body.run.data.params.map((each: { key: string; value: string }) => [each.key, each.value]));
    expect(params.get('trainer')).toBe('logistic-regression');
    expect(params.get('dataset_version')).toBe(run.datasetVersion);
    const tags = new Map(body.run.data.tags.map((each: { key: string; value: string }) => [each.key, each.value]));
    expect(tags.get('millrace.status')).toBe('succeeded');
    expect(tags.get('millrace.model_version')).toBe('rain/1');
    const metrics = body.run.data.metrics.map(({ key }: { key: string }) => key);
    expect(metrics).toEqual(expect.arrayContaining(['auc', 'training_loss']));
    const history = (await mlflow('GET', 'metrics/get-history', { run_id: run.runId, metric_key: 'training_loss' }))
      .body.metrics as { step: number; value: number }[];
    expect(history.length).toBeGreaterThan(1);
    for (const [i, { step, value }] of history.entries()) {
      expect(step).toBe(i);
      if (i > 0) expect(value).toBeLessThanOrEqual((history[i - 1] as { value: number }).value);
    }
    expect(body.run.inputs.dataset_inputs).toEqual([
      {
        tags: [{ key: 'mlflow.data.context', value: 'training' }],
        dataset: expect.objectContaining({ name: 'weather', digest: run.datasetVersion.slice(7, 39) }),
      },
    ]);
    const [output] = body.run.outputs.model_outputs;
    const model = await call('GET', `/api/2.0/mlflow/logged-models/${output.model_id}`);
    expect(model.body.model.info).toMatchObject({
      source_run_id: run.runId,
      artifact_uri: `${body.run.info.artifact_uri}/model`,
      status: 'LOGGED_MODEL_READY',
    });
    const experiment = await mlflow('GET', 'experiments/get', { experiment_id: body.run.info.experiment_id });
    expect(experiment.body.experiment.name).toBe('rain');
  });

  test('that failed says so, and runs again under the same id in its next attempt', async () => {
    const platform = await aSeattlePlatform();
    const first = await platform.start();
    const broken = async (step: string, work: () => Promise<unknown>) => {
      if (step === 'evaluate-model') throw Object.assign(new Error('it broke'), { name: 'Broken' });
      return work();
    };
    await train(platform, first, { around: broken });
    const { mlflow } = trackingServer({ table: platform.tracking });
    const statusOf = async () => (await mlflow('GET', 'runs/get', { run_id: first.runId })).body.run.info.status;
    await expect(statusOf()).resolves.toBe('FAILED');
    const second = await platform.start();
    expect(second).toMatchObject({ runId: first.runId, attempt: 2 });
    await train(platform, second);
    await expect(statusOf()).resolves.toBe('FINISHED');
  });
});
