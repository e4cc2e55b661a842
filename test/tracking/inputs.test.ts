import { describe, expect, test } from '@jest/globals';
import { trackingServer } from '../builders/tracking-server.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';

type Server = ReturnType<typeof trackingServer>;

async function aRun(server: Server = trackingServer()) {
  const { body } = await server.mlflow('POST', 'runs/create', { experiment_id: '0', start_time: 1 });
  const runId = body.run.info.run_id as string;
  const read = async () => (await server.mlflow('GET', 'runs/get', { run_id: runId })).body.run;
  const logInputs = (input: Record<string, unknown>) =>
    server.mlflow('POST', 'runs/log-inputs', { run_id: runId, ...input });
  const summaries = async (...experiment_ids: string[]) =>
    (await server.mlflow('POST', 'experiments/search-datasets', { experiment_ids })).body.dataset_summaries;
  return { ...server, runId, read, logInputs, summaries };
}

const aDataset = (of: Record<string, unknown> = {}) => ({
  name: 'weather',
  digest: 'a1',
  source_type: 'local',
  source: '{"uri": "weather.csv"}',
  ...of,
});
const anInput = (of: Record<string, unknown> = {}, context?: string) => ({
  dataset: aDataset(of),
  tags: context === undefined ? [] : [{ key: 'mlflow.data.context', value: context }],
});

describe('the datasets of a run', () => {
  test('come back as they were described, with the tags of this run', async () => {
    const { logInputs, read } = await aRun();
    const described = { schema: '{"columns": []}', profile: '{"rows": 3}' };
    await logInputs({ datasets: [anInput(described, 'training'), anInput({ name: 'other' })] });
    expect((await read()).inputs.dataset_inputs).toEqual([
      { dataset: aDataset(described), tags: [{ key: 'mlflow.data.context', value: 'training' }] },
      { dataset: aDataset({ name: 'other' }), tags: [] },
    ]);
  });

  test('are each there once by name and digest: the first description and the first tags stand', async () => {
    const server = trackingServer();
    const { logInputs, read } = await aRun(server);
    await logInputs({ datasets: [anInput({ source: 'first' }, 'training'), anInput({ source: 'twin' }, 'eval')] });
    await logInputs({ datasets: [anInput({ source: 'later' }, 'eval'), anInput({ digest: 'b2' })] });
    const shown = (inputs: { dataset: { digest: string; source: string }; tags: { value: string }[] }[]) =>
      inputs.map(({ dataset: { digest, source }, tags }) => [digest, source, ...tags.map(({ value }) => value)]);
    expect(shown((await read()).inputs.dataset_inputs)).toEqual([
      ['a1', 'first', 'training'],
      ['b2', aDataset().source],
    ]);
    const second = await aRun(server);
    await second.logInputs({ datasets: [anInput({ source: 'again' }, 'eval')] });
    expect(shown((await second.read()).inputs.dataset_inputs)).toEqual([['a1', 'first', 'eval']]);
  });

  test('are listed for an experiment, once for each context that a run of it said', async () => {
    const server = trackingServer();
    const first = await aRun(server);
    await first.logInputs({ datasets: [anInput({}, 'training'), anInput({ digest: 'b2' })] });
    const second = await aRun(server);
    await second.logInputs({ datasets: [anInput({}, 'eval')] });
    const third = await aRun(server);
    await third.logInputs({ datasets: [anInput({}, 'eval')] });
    const found = await first.summaries('0');
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        { experiment_id: '0', name: 'weather', digest: 'a1', context: 'training' },
        { experiment_id: '0', name: 'weather', digest: 'a1', context: 'eval' },
        { experiment_id: '0', name: 'weather', digest: 'b2' },
      ]),
    );
    await expect(first.summaries('7')).resolves.toEqual([]);
    const ids = Array.from({ length: 21 }, (_, i) => String(i));
    for (const experiment_ids of [[], ids, ['x']]) {
      await expect(first.mlflow('POST', 'experiments/search-datasets', { experiment_ids })).resolves.toMatchObject({
        status: 400,
        body: { error_code: 'INVALID_PARAMETER_VALUE' },
      });
    }
  });

  test('may have descriptions longer than an item, which are objects of the workspace by their bytes', async () => {
    const objects = memoryObjects();
    const server = trackingServer({ objects });
    const { logInputs, read } = await aRun(server);
    const long = { schema: 'é'.repeat(200_000), profile: 'p'.repeat(1_000_000) };
    await expect(logInputs({ datasets: [anInput(long)] })).resolves.toMatchObject({ status: 200 });
    expect(objects.keys()).toEqual([expect.stringMatching(/^default\/tracking\/datasets\/[0-9a-f]{64}\.json$/)]);
    expect((await read()).inputs.dataset_inputs[0].dataset).toEqual(aDataset(long));
    const another = await aRun(trackingServer({ objects, table: server.table }));
    await another.logInputs({ datasets: [anInput(long)] });
    expect((await another.read()).inputs.dataset_inputs[0].dataset).toEqual(aDataset(long));
    expect(objects.keys()).toHaveLength(1);
  });

  test('leave out profiles where all of them are more than an answer holds', async () => {
    const { logInputs, read } = await aRun();
    for (const digest of ['1', '2', '3']) {
      await logInputs({ datasets: [anInput({ digest, schema: 's', profile: 'p'.repeat(1_500_000) })] });
    }
    const datasets = (await read()).inputs.dataset_inputs.map(({ dataset }: { dataset: object }) => dataset);
    expect(datasets.map(({ profile = '' }: { profile?: string }) => profile.length)).toEqual([1_500_000, 1_500_000, 0]);
    expect(datasets[2]).toMatchObject({ digest: '3', schema: 's' });
  });

  const atLimit = [
    ['name', { name: 'n'.repeat(500) }, { name: 'n'.repeat(501) }],
    ['digest', { digest: 'd'.repeat(36) }, { digest: 'd'.repeat(37) }],
    ['source', { source: 's'.repeat(65_535) }, { source: 's'.repeat(65_536) }],
    ['schema', { schema: 's'.repeat(1_048_575) }, { schema: 's'.repeat(1_048_576) }],
  ] as const;
  test.each(atLimit)('have a %s of a length that is taken, and not one more', async (field, taken, refused) => {
    const { logInputs } = await aRun();
    await expect(logInputs({ datasets: [anInput(taken)] })).resolves.toMatchObject({ status: 200 });
    const answer = await logInputs({ datasets: [anInput(refused)] });
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(answer.body.message).toContain(`'${field}' exceeds the maximum length of`);
  });

  test('have tags of limited length, and each once', async () => {
    const { logInputs, read } = await aRun();
    const tagged = (...tags: object[]) => logInputs({ datasets: [{ dataset: aDataset(), tags }] });
    for (const bad of [
      [{ key: 'k'.repeat(256), value: '' }],
      [{ key: 'k', value: 'v'.repeat(501) }],
      [
        { key: 'k', value: '1' },
        { key: 'k', value: '2' },
      ],
      [{ value: '1' }],
    ]) {
      await expect(tagged(...bad)).resolves.toMatchObject({ status: 400 });
    }
    expect((await read()).inputs.dataset_inputs).toEqual([]);
    await expect(tagged({ key: 'k'.repeat(255), value: 'v'.repeat(500) })).resolves.toMatchObject({ status: 200 });
  });

  test('need a description with name and digest', async () => {
    const { logInputs } = await aRun();
    for (const [input, path] of [
      [{}, 'dataset'],
      [{ dataset: null }, 'dataset'],
      [{ dataset: { digest: 'd' } }, 'dataset.name'],
      [{ dataset: { name: 'n' } }, 'dataset.digest'],
    ] as const) {
      const { status, body } = await logInputs({ datasets: [input] });
      expect([status, body.message]).toEqual([
        400,
        expect.stringContaining(`Missing value for required parameter 'datasets[0].${path}'.`),
      ]);
    }
  });

  test('are not taken for a run that is deleted or is not there, nor kept', async () => {
    const { logInputs, mlflow, runId, summaries, objects } = await aRun();
    await mlflow('POST', 'runs/delete', { run_id: runId });
    const long = { profile: 'p'.repeat(1_000_000) };
    await expect(logInputs({ datasets: [anInput(long)] })).resolves.toMatchObject({ status: 400 });
    await expect(logInputs({ run_id: 'nobody', datasets: [anInput(long)] })).resolves.toMatchObject({ status: 404 });
    await expect(summaries('0')).resolves.toEqual([]);
    await expect(objects.list('')).resolves.toEqual([]);
  });
});

describe('the models of a run', () => {
  test('are its inputs and its outputs, each once, an output at the step that was said last', async () => {
    const { logInputs, mlflow, read, runId } = await aRun();
    await logInputs({ models: [{ model_id: 'm-1' }, { model_id: 'm-1' }, { model_id: 'm-2' }] });
    await logInputs({ models: [{ model_id: 'm-2' }] });
    const output = (models: object[]) => mlflow('POST', 'runs/outputs', { run_id: runId, models });
    await output([{ model_id: 'm-3', step: 3 }, { model_id: 'm-4' }]);
    await output([{ model_id: 'm-3', step: 3 }]);
    await output([{ model_id: 'm-4', step: 9_007_199_254_740_993n }]);
    const { inputs, outputs } = await read();
    expect(inputs.model_inputs).toEqual([{ model_id: 'm-1' }, { model_id: 'm-2' }]);
    expect(outputs.model_outputs).toEqual([
      { model_id: 'm-3', step: 3 },
      { model_id: 'm-4', step: 9_007_199_254_740_993n },
    ]);
  });
});

describe('a model logged as MLflow 2 does', () => {
  const model = (of: object = {}) => ({
    artifact_path: 'model',
    flavors: { sklearn: { pickled_model: 'model.pkl', config: { long: true } }, odd: 'text' },
    utc_time_created: '2026-11-27 12:00:00',
    run_id: 'r',
    signature: {},
    ...of,
  });

  test('joins the history in the tag of its run, the same one once', async () => {
    const { mlflow, read, runId } = await aRun();
    const log = (json: unknown) =>
      mlflow('POST', 'runs/log-model', { run_id: runId, model_json: JSON.stringify(json) });
    await log(model());
    await log(model());
    await log(model({ artifact_path: 'second', model_uuid: 'u' }));
    const tag = (await read()).data.tags.find(({ key }: { key: string }) => key === 'mlflow.log-model.history');
    const entry = {
      run_id: 'r',
      artifact_path: 'model',
      utc_time_created: '2026-11-27 12:00:00',
      model_uuid: null,
      flavors: { sklearn: { pickled_model: 'model.pkl' }, odd: 'text' },
    };
    expect(JSON.parse(tag.value)).toEqual([entry, { ...entry, artifact_path: 'second', model_uuid: 'u' }]);
  });

  test('is refused where it is no JSON object, or lacks what clients read', async () => {
    const { mlflow, runId } = await aRun();
    const said = async (model_json: string) =>
      (await mlflow('POST', 'runs/log-model', { run_id: runId, model_json })).body;
    for (const text of ['{', '[]', 'null']) {
      await expect(said(text)).resolves.toMatchObject({
        error_code: 'INVALID_PARAMETER_VALUE',
        message: `Malformed model info. \n ${text} \n is not a valid JSON.`,
      });
    }
    await expect(said('{"run_id":"r","flavors":{}}')).resolves.toMatchObject({
      message: "Model json is missing mandatory fields: {'artifact_path', 'utc_time_created'}",
    });
    await expect(said(JSON.stringify(model({ flavors: [] })))).resolves.toMatchObject({
      message: 'model_json: flavors must be an object of flavors by name',
    });
  });
});
