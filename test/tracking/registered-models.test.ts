import { describe, expect, test } from '@jest/globals';
import { trackingServer } from '../builders/tracking-server.ts';

/** An experiment with a run and a logged model of it, in the whole tracking API. */
async function aLoggedModel(options: Parameters<typeof trackingServer>[0] = {}) {
  const server = trackingServer(options);
  const { mlflow } = server;
  const experimentId = (await mlflow('POST', 'experiments/create', { name: 'rain' })).body.experiment_id as string;
  const run = (await mlflow('POST', 'runs/create', { experiment_id: experimentId, start_time: 1 })).body.run;
  const runId = run.info.run_id as string;
  const wish = { experiment_id: experimentId, source_run_id: runId };
  const modelId = (await mlflow('POST', 'logged-models', wish)).body.model.info.model_id as string;
  await mlflow('POST', 'registered-models/create', { name: 'rain' });
  return { ...server, experimentId, runId, modelId };
}

describe('registering what was logged', () => {
  test('a logged model knows its versions, and a version its model, run and files', async () => {
    const { mlflow, modelId, runId, experimentId } = await aLoggedModel();
    const wish = { name: 'rain', source: `models:/${modelId}`, model_id: modelId };
    for (const version of ['1', '2']) {
      const made = await mlflow('POST', 'model-versions/create', wish);
      expect(made.body.model_version).toMatchObject({ version, run_id: runId, model_id: modelId });
    }
    const { info } = (await mlflow('GET', `logged-models/${modelId}`)).body.model;
    expect(info.registrations).toEqual([
      { name: 'rain', version: '1' },
      { name: 'rain', version: '2' },
    ]);
    const place = await mlflow('GET', 'model-versions/get-download-uri', { name: 'rain', version: '1' });
    expect(place.body.artifact_uri).toBe(`mlflow-artifacts:/${experimentId}/models/${modelId}/artifacts`);
  });

  test('a version of a run’s files asks for files of that run', async () => {
    const { mlflow, runId, experimentId } = await aLoggedModel();
    const source = `mlflow-artifacts:/${experimentId}/${runId}/artifacts/model`;
    const made = await mlflow('POST', 'model-versions/create', { name: 'rain', source, run_id: runId });
    expect(made.body.model_version).toMatchObject({ source, run_id: runId });
    const other = await mlflow('POST', 'model-versions/create', { name: 'rain', source, run_id: 'f'.repeat(32) });
    expect(other.status).toBe(400);
  });

  test('a run’s page finds the versions made of it, over GraphQL as well', async () => {
    const { mlflow, call, modelId, runId } = await aLoggedModel();
    await mlflow('POST', 'model-versions/create', { name: 'rain', source: `models:/${modelId}`, model_id: modelId });
    const filter = `run_id = '${runId}'`;
    const found = await mlflow('GET', 'model-versions/search', { filter });
    expect(found.body.model_versions).toEqual([expect.objectContaining({ name: 'rain', version: '1' })]);
    const query = `query Q($data: MlflowGetRunInput!) { mlflowGetRun(input: $data) { run { modelVersions { name version } } } }`;
    const answer = await call('POST', '/graphql', { query, variables: { data: { runId } }, operationName: 'Q' });
    expect(answer.body.data.mlflowGetRun.run.modelVersions).toEqual([{ name: 'rain', version: '1' }]);
  });

  test('a deleted logged model is no source any more', async () => {
    const { mlflow, modelId } = await aLoggedModel();
    await mlflow('DELETE', `logged-models/${modelId}`);
    const wish = { name: 'rain', source: `models:/${modelId}`, model_id: modelId };
    expect((await mlflow('POST', 'model-versions/create', wish)).status).toBe(400);
  });
});
