import { describe, expect, test } from '@jest/globals';
import { trackingServer } from '../builders/tracking-server.ts';

const started = async (server = trackingServer(), input: Record<string, unknown> = {}) => {
  const { body } = await server.mlflow('POST', 'runs/create', { experiment_id: '0', start_time: 1, ...input });
  return { ...server, runId: body.run.info.run_id as string, run: body.run };
};

describe('a run', () => {
  test('is made with what was said of it, and read back the same', async () => {
    const { mlflow, run, runId } = await started(trackingServer(), {
      user_id: 'ada',
      run_name: 'first',
      start_time: 1_700_000_000_000,
      tags: [{ key: 'team', value: 'rain' }],
    });
    expect(run.info).toMatchObject({
      run_id: runId,
      run_uuid: runId,
      run_name: 'first',
      experiment_id: '0',
      user_id: 'ada',
      status: 'RUNNING',
      start_time: 1_700_000_000_000,
      artifact_uri: `mlflow-artifacts:/0/${runId}/artifacts`,
      lifecycle_stage: 'active',
    });
    expect(run.data.tags).toEqual([
      { key: 'team', value: 'rain' },
      { key: 'mlflow.runName', value: 'first' },
    ]);
    const read = await mlflow('GET', 'runs/get', { run_id: runId });
    expect(read.body.run).toEqual(run);
  });

  test('keeps the latest value by step, then timestamp, then value, and the whole history once', async () => {
    const { mlflow, runId } = await started();
    const points = [
      { value: 1, timestamp: 10, step: 2 },
      { value: 5, timestamp: 99, step: 1 },
      { value: 3, timestamp: 10, step: 2 },
      { value: 2, timestamp: 10, step: 2 },
    ];
    for (const point of [...points, ...points]) {
      await mlflow('POST', 'runs/log-metric', { run_id: runId, key: 'loss', ...point });
    }
    const { body } = await mlflow('GET', 'runs/get', { run_id: runId });
    expect(body.run.data.metrics).toEqual([{ key: 'loss', value: 3, timestamp: 10, step: 2 }]);
    const history = await mlflow('GET', 'metrics/get-history', { run_id: runId, metric_key: 'loss' });
    expect(history.body.metrics.map(({ value }: { value: number }) => value)).toEqual([1, 2, 3, 5]);
  });

  test('keeps NaN, infinities as the largest double, and steps beyond what a double holds', async () => {
    const { mlflow, runId } = await started();
    const metrics = [
      { key: 'nan', value: 'NaN', timestamp: 1, step: 0 },
      { key: 'inf', value: 'Infinity', timestamp: 1, step: -3 },
      { key: 'low', value: '-Infinity', timestamp: 1, step: 9_007_199_254_740_993n },
    ];
    await expect(mlflow('POST', 'runs/log-batch', { run_id: runId, metrics })).resolves.toMatchObject({ status: 200 });
    const { body } = await mlflow('GET', 'runs/get', { run_id: runId });
    expect(body.run.data.metrics).toEqual([
      { key: 'inf', value: Number.MAX_VALUE, timestamp: 1, step: -3 },
      { key: 'low', value: -Number.MAX_VALUE, timestamp: 1, step: 9_007_199_254_740_993n },
      { key: 'nan', value: 'NaN', timestamp: 1, step: 0 },
    ]);
  });

  test('takes a param again with the same value and refuses another one, with both in the text', async () => {
    const { mlflow, runId } = await started();
    const log = (value: string) => mlflow('POST', 'runs/log-parameter', { run_id: runId, key: 'depth', value });
    await expect(log('3')).resolves.toMatchObject({ status: 200 });
    await expect(log('3')).resolves.toMatchObject({ status: 200 });
    const refused = await log('5');
    expect(refused).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(refused.body.message).toContain("was already logged with value='3'");
    expect(refused.body.message).toContain("'5'");
  });

  test('is not written to once it is deleted, by itself or with its experiment, until it is restored', async () => {
    const server = trackingServer();
    const { body } = await server.mlflow('POST', 'experiments/create', { name: 'short' });
    const { mlflow, runId } = await started(server, { experiment_id: body.experiment_id });
    const log = () => mlflow('POST', 'runs/set-tag', { run_id: runId, key: 'a', value: 'b' });
    const stage = async () => (await mlflow('GET', 'runs/get', { run_id: runId })).body.run.info.lifecycle_stage;
    await mlflow('POST', 'runs/delete', { run_id: runId });
    await expect(log()).resolves.toMatchObject({ status: 400 });
    await mlflow('POST', 'runs/restore', { run_id: runId });
    await expect(log()).resolves.toMatchObject({ status: 200 });
    await mlflow('POST', 'experiments/delete', { experiment_id: body.experiment_id });
    await expect(stage()).resolves.toBe('deleted');
    await expect(log()).resolves.toMatchObject({ status: 400 });
    await mlflow('POST', 'experiments/restore', { experiment_id: body.experiment_id });
    await expect(stage()).resolves.toBe('active');
    await expect(log()).resolves.toMatchObject({ status: 200 });
  });

  test('has its name and its tag mlflow.runName as one thing', async () => {
    const { mlflow, runId } = await started(trackingServer(), { run_name: 'first' });
    await mlflow('POST', 'runs/update', { run_id: runId, run_name: 'second', status: 'FINISHED', end_time: 7 });
    const renamed = (await mlflow('GET', 'runs/get', { run_id: runId })).body.run;
    expect(renamed.info).toMatchObject({ run_name: 'second', status: 'FINISHED', end_time: 7 });
    expect(renamed.data.tags).toEqual([{ key: 'mlflow.runName', value: 'second' }]);
    await mlflow('POST', 'runs/set-tag', { run_id: runId, key: 'mlflow.runName', value: 'third' });
    expect((await mlflow('GET', 'runs/get', { run_id: runId })).body.run.info.run_name).toBe('third');
    const refused = await mlflow('POST', 'runs/create', {
      experiment_id: '0',
      run_name: 'a',
      tags: [{ key: 'mlflow.runName', value: 'b' }],
    });
    expect(refused).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });

  test('holds a history of thousands of values of several metrics, each one once', async () => {
    const { mlflow, runId } = await started();
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (let step = 0; step < 600; step += 100) {
      const metrics = Array.from({ length: 100 }, (_, i) =>
        keys.map((key) => ({ key, value: step + i, timestamp: step + i, step: step + i })),
      ).flat();
      await mlflow('POST', 'runs/log-batch', { run_id: runId, metrics });
      await mlflow('POST', 'runs/log-batch', { run_id: runId, metrics: metrics.slice(0, 30) });
    }
    for (const key of keys) {
      const { body } = await mlflow('GET', 'metrics/get-history', { run_id: runId, metric_key: key });
      expect(body.metrics.map((metric: { step: number }) => metric.step)).toEqual(
        Array.from({ length: 600 }, (_, i) => i),
      );
    }
  });

  test('takes params and tags beyond what one item holds', async () => {
    const { mlflow, runId } = await started();
    for (let batch = 0; batch < 2; batch++) {
      const params = Array.from({ length: 100 }, (_, i) => ({ key: `p${batch}-${i}`, value: 'é'.repeat(6000) }));
      await expect(
        mlflow('POST', 'runs/log-batch', { run_id: runId, params: params.slice(0, 60) }),
      ).resolves.toMatchObject({ status: 200 });
    }
    const { body } = await mlflow('GET', 'runs/get', { run_id: runId });
    expect(body.run.data.params).toHaveLength(120);
    expect(body.run.data.params[119].value).toBe('é'.repeat(6000));
  });

  test.each([
    ['that climbs', `${'../'.repeat(1_000_000)}a`],
    ['of quotes', '"'.repeat(2_100_000)],
    ['of letters', 'x'.repeat(4_000_000)],
  ])('refuses a key %s without end at once and in a few words', async (_, key) => {
    const { mlflow, runId } = await started();
    const { status, text } = await mlflow('POST', 'runs/set-tag', { run_id: runId, key, value: '1' });
    expect(status).toBe(400);
    expect(text.length).toBeLessThan(25_000);
  });

  test('refuses what is missing or of another type in words that name it', async () => {
    const { mlflow, runId } = await started();
    const said = async (path: string, input: Record<string, unknown>) =>
      (await mlflow('POST', path, input)).body.message;
    await expect(said('runs/log-metric', { run_id: runId, value: 1, timestamp: 1 })).resolves.toMatch(
      "Missing value for required parameter 'key'.",
    );
    await expect(said('runs/log-batch', { run_id: runId, metrics: [{ key: 'a', value: 1 }] })).resolves.toMatch(
      "Missing value for required parameter 'metrics[0].timestamp'.",
    );
    await expect(said('runs/set-tag', { run_id: runId, key: 5, value: 'a' })).resolves.toMatch(
      "Invalid value 5 for parameter 'key' supplied:  Hint: Value was of type 'int'.",
    );
    await expect(said('runs/log-metric', { run_id: 'nobody', key: 'a', value: 1, timestamp: 1 })).resolves.toBe(
      'Run with id=nobody not found',
    );
  });
});
