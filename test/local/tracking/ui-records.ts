/** What the UI is opened against, made as a client makes it: by the REST API of any MLflow server. */
export interface UiRecords {
  experimentId: string;
  runIds: string[];
  modelIds: string[];
}

export type Rest = <Answer>(method: string, path: string, body?: object | string) => Promise<Answer>;

/** Calls a tracking server; fails with what it answered. */
export function restOf(trackingUri: string, token: string): Rest {
  return async <Answer>(method: string, path: string, body?: object | string) => {
    const isFile = typeof body === 'string';
    const answer = await fetch(`${trackingUri}/api/2.0/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': isFile ? 'application/octet-stream' : 'application/json' }),
      },
      ...(body !== undefined && { body: isFile ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as Answer;
  };
}

const FIRST = Date.UTC(2026, 0, 5, 8);
const MINUTE = 60_000;

const MLMODEL = `artifact_path: model
flavors:
  onnx:
    data: model.onnx
    onnx_version: 1.19.0
`;

/** An experiment of three runs with curves and files, a logged model each, and a registered model of two versions. */
export async function makeUiRecords(rest: Rest, experiment: string, model: string): Promise<UiRecords> {
  const { experiment_id: experimentId } = await rest<{ experiment_id: string }>('POST', 'mlflow/experiments/create', {
    name: experiment,
  });
  const runIds: string[] = [];
  const modelIds: string[] = [];
  const sources: string[] = [];
  for (const [i, rate] of [0.3, 0.1, 0.03].entries()) {
    const start = FIRST + i * 10 * MINUTE;
    const { run } = await rest<{ run: { info: { run_id: string; artifact_uri: string } } }>(
      'POST',
      'mlflow/runs/create',
      {
        experiment_id: experimentId,
        run_name: `rate-${rate}`,
        start_time: start,
      },
    );
    const { run_id: runId, artifact_uri: uri } = run.info;
    runIds.push(runId);
    sources.push(`${uri}/model`);
    modelIds.push(await logModel(rest, { experimentId, runId, name: `gbdt-${i}` }));
    await rest('POST', 'mlflow/runs/log-batch', { run_id: runId, ...numbersOf(rate, start), tags: tagsOf(i) });
    const folder = uri.replace('mlflow-artifacts:/', '');
    for (const [path, text] of Object.entries(FILES))
      await rest('PUT', `mlflow-artifacts/artifacts/${folder}/${path}`, text);
    await rest('POST', 'mlflow/runs/update', { run_id: runId, status: 'FINISHED', end_time: start + 5 * MINUTE });
  }
  await rest('POST', 'mlflow/registered-models/create', { name: model, description: 'Will it rain tomorrow?' });
  for (const i of [0, 1])
    await rest('POST', 'mlflow/model-versions/create', { name: model, source: sources[i], run_id: runIds[i] });
  await rest('POST', 'mlflow/registered-models/alias', { name: model, alias: 'candidate', version: '2' });
  return { experimentId, runIds, modelIds };
}

const FILES = {
  'notes/summary.txt': 'Trained on the weather of Seattle.\n',
  'model/MLmodel': MLMODEL,
  'confusion.csv': 'actual,rain,sun\nrain,220,39\nsun,31,150\n',
};

const numbersOf = (rate: number, start: number) => ({
  params: [
    { key: 'learning_rate', value: String(rate) },
    { key: 'trees', value: '120' },
  ],
  metrics: [
    ...Array.from({ length: 40 }, (_, step) => ({
      key: 'loss',
      value: 0.2 + 0.5 / (1 + rate * step),
      timestamp: start + step * 1000,
      step,
    })),
    { key: 'auc', value: 0.9 - rate / 10, timestamp: start + MINUTE, step: 0 },
    { key: 'undefined_ratio', value: 'NaN', timestamp: start + MINUTE, step: 0 },
  ],
});

const tagsOf = (i: number) => [
  { key: 'team', value: 'forecast' },
  { key: 'fold', value: String(i) },
];

async function logModel(
  rest: Rest,
  { experimentId, runId, name }: { experimentId: string; runId: string; name: string },
): Promise<string> {
  const { model } = await rest<{ model: { info: { model_id: string } } }>('POST', 'mlflow/logged-models', {
    experiment_id: experimentId,
    name,
    source_run_id: runId,
    params: [{ key: 'trees', value: '120' }],
  });
  const { model_id: modelId } = model.info;
  await rest('PATCH', `mlflow/logged-models/${modelId}`, { model_id: modelId, status: 'LOGGED_MODEL_READY' });
  await rest('POST', 'mlflow/runs/outputs', { run_id: runId, models: [{ model_id: modelId, step: 0 }] });
  return modelId;
}
