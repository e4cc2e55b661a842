import { describe, expect, test } from '@jest/globals';
import { trackingServer } from '../builders/tracking-server.ts';

type Server = ReturnType<typeof trackingServer>;

async function anExperiment(server: Server = trackingServer()) {
  const { body } = await server.mlflow('POST', 'experiments/create', { name: 'rain' });
  const experimentId = body.experiment_id as string;
  const made = await server.mlflow('POST', 'runs/create', { experiment_id: experimentId, start_time: 1 });
  const runId = made.body.run.info.run_id as string;
  const create = async (input: Record<string, unknown> = {}) =>
    (await server.mlflow('POST', 'logged-models', { experiment_id: experimentId, ...input })).body.model;
  const get = async (id: string) => (await server.mlflow('GET', `logged-models/${id}`)).body.model;
  const log = (input: Record<string, unknown>) =>
    server.mlflow('POST', 'runs/log-metric', { run_id: runId, timestamp: 1, ...input });
  return { ...server, experimentId, runId, create, get, log };
}

const NEW_ID = /^m-[0-9a-f]{32}$/;

describe('a logged model', () => {
  test('is made with what was said of it, and read back the same', async () => {
    const { create, get, experimentId, runId } = await anExperiment();
    const model = await create({
      name: 'forest',
      model_type: 'classifier',
      source_run_id: runId,
      params: [{ key: 'depth', value: '3' }],
      tags: [{ key: 'team', value: 'weather' }],
    });
    expect(model.info.model_id).toMatch(NEW_ID);
    expect(model).toEqual({
      info: {
        model_id: model.info.model_id,
        experiment_id: experimentId,
        name: 'forest',
        creation_timestamp_ms: expect.any(Number),
        last_updated_timestamp_ms: model.info.creation_timestamp_ms,
        artifact_uri: `mlflow-artifacts:/${experimentId}/models/${model.info.model_id}/artifacts`,
        status: 'LOGGED_MODEL_PENDING',
        model_type: 'classifier',
        source_run_id: runId,
        tags: [{ key: 'team', value: 'weather' }],
        registrations: [],
      },
      data: { params: [{ key: 'depth', value: '3' }], metrics: [] },
    });
    await expect(get(model.info.model_id)).resolves.toEqual(model);
  });

  test('gets a name where none is given, and refuses one with characters that paths and URIs use', async () => {
    const { create, mlflow, experimentId } = await anExperiment();
    expect((await create()).info.name).toMatch(/^\w+-\w+-\d+$/);
    for (const char of '/:.%"\'') {
      const refused = await mlflow('POST', 'logged-models', { experiment_id: experimentId, name: `a${char}b` });
      expect(refused).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      expect(refused.body.message).toContain(`Invalid model name ('a${char}b') provided.`);
    }
  });

  test('needs an experiment that is there and active', async () => {
    const { mlflow, experimentId } = await anExperiment();
    await expect(mlflow('POST', 'logged-models', { name: 'a' })).resolves.toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("Missing value for required parameter 'experiment_id'.") },
    });
    await expect(mlflow('POST', 'logged-models', { experiment_id: '999' })).resolves.toMatchObject({ status: 404 });
    await mlflow('POST', 'experiments/delete', { experiment_id: experimentId });
    await expect(mlflow('POST', 'logged-models', { experiment_id: experimentId })).resolves.toMatchObject({
      status: 400,
      body: { message: `The experiment ${experimentId} must be in the 'active' state. Current state is deleted.` },
    });
  });

  test('is finalised with a status by name or number', async () => {
    const { create, get, mlflow } = await anExperiment();
    const { info } = await create();
    const finalise = (status?: unknown) =>
      mlflow('PATCH', `logged-models/${info.model_id}`, { model_id: info.model_id, status });
    const ready = await finalise('LOGGED_MODEL_READY');
    expect(ready.body.model.info.status).toBe('LOGGED_MODEL_READY');
    expect((await get(info.model_id)).info.status).toBe('LOGGED_MODEL_READY');
    expect((await finalise(3)).body.model.info.status).toBe('LOGGED_MODEL_UPLOAD_FAILED');
    await expect(finalise()).resolves.toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("Missing value for required parameter 'status'.") },
    });
  });

  test('is hidden once it is deleted, and keeps its id', async () => {
    const { create, mlflow, experimentId } = await anExperiment();
    const { info } = await create();
    const path = `logged-models/${info.model_id}`;
    await expect(mlflow('DELETE', path)).resolves.toMatchObject({ status: 200, body: {} });
    await expect(mlflow('GET', path)).resolves.toMatchObject({
      status: 404,
      body: {
        error_code: 'RESOURCE_DOES_NOT_EXIST',
        message: `Logged model with ID '${info.model_id}' not found.`,
      },
    });
    await expect(mlflow('GET', path, { allow_deleted: 'true' })).resolves.toMatchObject({ status: 200 });
    const found = await mlflow('POST', 'logged-models/search', { experiment_ids: [experimentId] });
    expect(found.body.models).toEqual([]);
    await expect(mlflow('DELETE', path)).resolves.toMatchObject({ status: 200 });
    await expect(mlflow('DELETE', `logged-models/m-${'0'.repeat(32)}`)).resolves.toMatchObject({ status: 404 });
  });

  test('has tags of any name, which go by the path that a client writes without encoding it', async () => {
    const { create, get, mlflow } = await anExperiment();
    const { info } = await create({ tags: [{ key: 'kept', value: '1' }] });
    const path = `logged-models/${info.model_id}/tags`;
    const keys = ['a/b', 'a b', 'a:b', 'é ☂ 雨', '100%', 'a%2Fb', '__proto__'];
    await mlflow('PATCH', path, { tags: keys.map((key) => ({ key, value: `of ${key}` })) });
    expect((await get(info.model_id)).info.tags).toHaveLength(8);
    for (const key of keys) {
      // As requests writes it: slashes stand as they are.
      const written = key.split('/').map(encodeURIComponent).join('/');
      await expect(mlflow('DELETE', `${path}/${written}`)).resolves.toMatchObject({ status: 200 });
      const again = await mlflow('DELETE', `${path}/${encodeURIComponent(key)}`);
      expect(again).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
      expect(again.body.message).toBe(`No tag with key '${key}' found for model with ID '${info.model_id}'.`);
    }
    expect((await get(info.model_id)).info.tags).toEqual([{ key: 'kept', value: '1' }]);
  });

  test('takes a param again with the same value and refuses another one, with both in the text', async () => {
    const { create, get, mlflow } = await anExperiment();
    const { info } = await create({ params: [{ key: 'depth', value: '3' }] });
    const log = (value: string) =>
      mlflow('POST', `logged-models/${info.model_id}/params`, { params: [{ key: 'depth', value }, { key: 'new' }] });
    await expect(log('3')).resolves.toMatchObject({ status: 200 });
    const refused = await log('5');
    expect(refused).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(refused.body.message).toContain("was already logged with value='3'");
    expect(refused.body.message).toContain("'5'");
    expect((await get(info.model_id)).data.params).toEqual([
      { key: 'depth', value: '3' },
      { key: 'new', value: '' },
    ]);
  });

  test('takes params beyond what one item holds', async () => {
    const { create, get, mlflow } = await anExperiment();
    const { info } = await create();
    const params = Array.from({ length: 100 }, (_, i) => ({ key: `p${i}`, value: 'é'.repeat(6001) }));
    await mlflow('POST', `logged-models/${info.model_id}/params`, { params });
    const read = (await get(info.model_id)).data.params;
    expect(read).toHaveLength(100);
    expect(read[99].value).toBe('é'.repeat(6000));
  });

  test('says which registered versions were made of it', async () => {
    const { create, get, mlflow } = await anExperiment();
    const { info } = await create();
    const set = (value: string) =>
      mlflow('PATCH', `logged-models/${info.model_id}/tags`, { tags: [{ key: 'mlflow.modelVersions', value }] });
    await set('[{"name": "rain", "version": 3}]');
    expect((await get(info.model_id)).info.registrations).toEqual([{ name: 'rain', version: '3' }]);
    await set('no JSON');
    expect((await get(info.model_id)).info.registrations).toEqual([]);
  });
});

describe('a metric that names a model', () => {
  test('is one of the run and of the model, where it has run and dataset beside it', async () => {
    const { create, get, log, mlflow, runId } = await anExperiment();
    const { info } = await create();
    const model_id = info.model_id;
    for (const step of [1, 2]) {
      await log({ key: 'acc', value: step / 10, step, model_id, dataset_name: 'd', dataset_digest: 'g' });
    }
    await log({ key: 'acc', value: 0.9, timestamp: 9, step: 2, model_id });
    await log({ key: 'acc', value: 0.9, timestamp: 9, step: 2, model_id });
    await mlflow('POST', 'runs/log-batch', {
      run_id: runId,
      metrics: [
        { key: 'loss', value: 'NaN', timestamp: 1, step: 9_007_199_254_740_993n, model_id },
        { key: 'other', value: 1, timestamp: 1 },
      ],
    });
    await log({ key: 'no model', value: 1, dataset_name: 'd', dataset_digest: 'g' });
    const point = { model_id, run_id: runId, dataset_name: 'd', dataset_digest: 'g' };
    expect((await get(model_id)).data.metrics).toEqual([
      { key: 'acc', value: 0.1, timestamp: 1, step: 1, ...point },
      { key: 'acc', value: 0.2, timestamp: 1, step: 2, ...point },
      { key: 'acc', value: 0.9, timestamp: 9, step: 2, model_id, run_id: runId },
      { key: 'loss', value: 'NaN', timestamp: 1, step: 9_007_199_254_740_993n, model_id, run_id: runId },
    ]);
    const run = (await mlflow('GET', 'runs/get', { run_id: runId })).body.run;
    expect(run.data.metrics.map(({ key }: { key: string }) => key)).toEqual(['acc', 'loss', 'no model', 'other']);
  });

  test('is refused whole where there is no such model', async () => {
    const { log, mlflow, runId } = await anExperiment();
    for (const model_id of ['nobody', `m-${'0'.repeat(32)}`]) {
      await expect(log({ key: 'acc', value: 1, model_id })).resolves.toMatchObject({
        status: 404,
        body: { message: `Logged model with ID '${model_id}' not found.` },
      });
    }
    const batch = { run_id: runId, metrics: [{ key: 'a', value: 1, timestamp: 1, model_id: 'nobody' }] };
    await mlflow('POST', 'runs/log-batch', { ...batch, params: [{ key: 'p', value: '1' }] });
    const run = (await mlflow('GET', 'runs/get', { run_id: runId })).body.run;
    expect(run.data).toMatchObject({ metrics: [], params: [] });
  });
});
