import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { modelVersion } from '../../lambdas/registry/contract.ts';
import { aSeattlePlatform } from '../builders/training-platform.ts';
import { train } from '../builders/training-steps.ts';

describe('a version that was trained here', () => {
  test('has a source that MLflow’s clients load: its run’s folder with the ONNX and its description', async () => {
    const platform = await aSeattlePlatform();
    const run = await platform.start();
    await train(platform, run);
    const version = await modelVersion(platform.table, 'default', 'rain', 1);
    expect(version).toMatchObject({ runId: run.runId, source: `mlflow-artifacts:/1/${run.runId}/artifacts/model` });
    const folder = `default/mlflow/1/${run.runId}/artifacts/model`;
    const read = async (file: string) => Buffer.from((await platform.artifacts.get(`${folder}/${file}`)) as Uint8Array);
    const described = parse((await read('MLmodel')).toString());
    expect(described).toMatchObject({
      flavors: { onnx: { data: 'model.onnx' }, python_function: { loader_module: 'mlflow.onnx', data: 'model.onnx' } },
      run_id: run.runId,
    });
    expect(JSON.parse(described.signature.inputs)).toContainEqual({
      type: 'tensor',
      name: 'wind',
      'tensor-spec': { dtype: 'float32', shape: [-1, 1] },
    });
    const trained = await platform.artifacts.get(`default/runs/${run.runId}/model.onnx`);
    expect((await read('model.onnx')).equals(Buffer.from(trained as Uint8Array))).toBe(true);
  }, 60_000);

  test('of a run that takes an earlier model has a folder of its own', async () => {
    const platform = await aSeattlePlatform();
    await train(platform, await platform.start());
    const second = await platform.start({ dedupe: 'second' });
    await train(platform, second);
    expect(await modelVersion(platform.table, 'default', 'rain', 2)).toMatchObject({ runId: second.runId });
    expect(await platform.artifacts.list(`default/mlflow/1/${second.runId}/artifacts/model/`)).toHaveLength(3);
  }, 60_000);

  test.each([
    ['s3://artifacts/default/mlflow/1', true],
    ['s3://their-bucket/rain', false],
  ])(
    'is published where its experiment is, at %s: %p',
    async (location, isOurs) => {
      const platform = await aSeattlePlatform({ locate: () => location });
      const run = await platform.start();
      await train(platform, run);
      const version = await modelVersion(platform.table, 'default', 'rain', 1);
      expect(version?.source).toBe(isOurs ? `${location}/${run.runId}/artifacts/model` : undefined);
      expect(await platform.artifacts.list('default/mlflow/')).toHaveLength(isOurs ? 3 : 0);
    },
    60_000,
  );
});
