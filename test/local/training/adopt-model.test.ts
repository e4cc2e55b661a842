import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { RegistryRoutes } from '../../../lambdas/registry/contract.ts';
import { TrainingRoutes } from '../../../lambdas/training/contract.ts';
import { mlflowPython } from '../tracking/conformance.ts';
import { trainingCloud } from './training-cloud.ts';

const cloud = trainingCloud();
const MLMODEL = `flavors:
  onnx: { data: model.onnx, onnx_version: 1.19.0 }
  python_function: { loader_module: mlflow.onnx, data: model.onnx }
`;

/** A call of MLflow's REST API, as its client makes it. */
async function mlflow<Answer>(method: string, path: string, body: object): Promise<Answer> {
  const answer = await fetch(`${cloud.tracking}/t/${cloud.workspace}/api/2.0/mlflow/${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${cloud.token}` },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as Answer;
}

let onnx: Uint8Array;

/** A model with these files, logged and registered as `mlflow.onnx.log_model` does it. */
async function logged(name: string, description: string): Promise<number> {
  const { model } = await mlflow<{ model: { info: { model_id: string; artifact_uri: string } } }>(
    'POST',
    'logged-models',
    {
      experiment_id: '0',
      name: 'model',
    },
  );
  const { model_id, artifact_uri } = model.info;
  const folder = `${cloud.workspace}/mlflow/${artifact_uri.replace(/^mlflow-artifacts:\//, '')}`;
  await cloud.artifacts.put(`${folder}/MLmodel`, description);
  await cloud.artifacts.put(`${folder}/model.onnx`, onnx);
  const wish = { name, source: `models:/${model_id}`, model_id };
  const made = await mlflow<{ model_version: { version: string } }>('POST', 'model-versions/create', wish);
  return Number(made.model_version.version);
}

const version = (model: string, number: number) =>
  cloud.api.call(RegistryRoutes.showVersion, { model, version: number });
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(200);
  }
}

beforeAll(async () => {
  await cloud.createDataset();
  await cloud.land({ location: 'Seattle' });
  await cloud.apply();
  const run = await cloud.train({ dedupe: 'first' });
  onnx = (await cloud.artifacts.get(`${cloud.workspace}/runs/${run.runId}/model.onnx`)) as Uint8Array;
}, 120_000);

/** Loads a version as a data scientist does, in the project's environment of stock clients. */
const LOAD = `
import sys, mlflow, mlflow.onnx, numpy
mlflow.onnx.load_model(sys.argv[1])
model = mlflow.pyfunc.load_model(sys.argv[1])
row = {name: numpy.zeros((2, 1), dtype=numpy.float32) for name in model.metadata.signature.inputs.input_names()}
print(sorted(row), model.predict(row)["probability"].shape)
`;

describe('a version that was trained here', () => {
  test('loads in the stock client, by number and by alias', async () => {
    const python = await mlflowPython();
    const env = {
      ...process.env,
      MLFLOW_TRACKING_URI: `${cloud.tracking}/t/${cloud.workspace}`,
      MLFLOW_TRACKING_TOKEN: cloud.token,
      PYTHONPYCACHEPREFIX: join(dirname(dirname(python)), 'pycache'),
    };
    await cloud.api.call(RegistryRoutes.setAlias, { model: 'rain', alias: 'best', version: 1 });
    for (const uri of ['models:/rain/1', 'models:/rain@best']) {
      const { stdout } = await promisify(execFile)(python, ['-c', LOAD, uri], { env });
      expect(stdout.trim()).toBe("['precipitation', 'temp_max', 'temp_min', 'wind'] (2, 1)");
    }
  }, 180_000);
});

describe('a version made with an MLflow client', () => {
  test('becomes a bundle, with the rights that the functions have', async () => {
    const number = await logged('rain', MLMODEL);
    const bundle = await until(async () => (await version('rain', number)).bundle);
    const { runs } = await cloud.api.call(TrainingRoutes.listRuns, { model: 'rain' });
    expect(runs.find(({ adopts }) => adopts === number)).toMatchObject({
      status: 'succeeded',
      version: number,
      bundle,
    });
    expect((await version('rain', number)).tags).toEqual({});
  });

  test('that was pickled says so, and no run starts', async () => {
    const number = await logged(
      'rain',
      'flavors:\n  sklearn: { pickled_model: model.pkl, serialization_format: pickle }\n',
    );
    const why = await until(async () => (await version('rain', number)).tags['millrace.candidate']);
    expect(why).toBe('format sklearn (pickle) is stored, never loaded');
  });

  test('of a model without a spec says so', async () => {
    await mlflow('POST', 'registered-models/create', { name: 'a model none of ours' });
    const number = await logged('a model none of ours', MLMODEL);
    const why = await until(async () => (await version('a model none of ours', number)).tags['millrace.candidate']);
    expect(why).toBe('no spec');
  });
});
