import { describe, expect, test } from '@jest/globals';
import { trackingServer } from '../builders/tracking-server.ts';
import { faultRate, faulty, seededRandom } from '../fakes/faulty.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';

/** Seven attempts where the answer is a server's error, POST among them: what MLflow's client does. */
function anUnluckyServer(seed: number) {
  const fault = faultRate(0.3, seededRandom(seed));
  const objects = memoryObjects();
  const server = trackingServer({ table: faulty(memoryTable(), fault), objects: faulty(objects, fault) });
  const call = async (method: string, path: string, input: Record<string, unknown> = {}) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await server.mlflow(method, path, input);
      if (answer.status < 500 || attempt === 7) {
        expect([path, answer.status, answer.text]).toEqual([path, 200, expect.any(String)]);
        return answer.body;
      }
    }
  };
  return { call, objects };
}

async function aStory(seed: number) {
  const { call, objects } = anUnluckyServer(seed);
  const run = (await call('POST', 'runs/create', { experiment_id: '0', start_time: 1 })).run.info.run_id as string;
  const create = async (i: number) => {
    const wish = { experiment_id: '0', name: `m${i}`, source_run_id: run, params: [{ key: 'i', value: String(i) }] };
    return (await call('POST', 'logged-models', wish)).model.info.model_id as string;
  };
  const ids = await Promise.all(Array.from({ length: 8 }, (_, i) => create(i)));
  return { call, objects, run, ids };
}

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

describe('with three calls in ten that fail, before or after their effect', () => {
  test.each(SEEDS)('makes each model once, whichever way it is looked for (seed %i)', async (seed) => {
    const { call, ids, run } = await aStory(seed);
    const search = async (of: Record<string, unknown>) =>
      (await call('POST', 'logged-models/search', { experiment_ids: ['0'], ...of })).models
        .map(({ info }: { info: { model_id: string } }) => info.model_id)
        .sort();
    const wanted = [...ids].sort();
    await expect(search({})).resolves.toEqual(wanted);
    await expect(search({ filter: `source_run_id = '${run}'` })).resolves.toEqual(wanted);
    await expect(search({ order_by: [{ field_name: 'name' }] })).resolves.toEqual(wanted);
  });

  test.each(SEEDS)(
    'loses nothing that many writers log with one model, and has nothing twice (seed %i)',
    async (seed) => {
      const { call, ids, run } = await aStory(seed);
      const [model_id] = ids;
      const path = `logged-models/${model_id}`;
      const writers = Array.from({ length: 4 }, (_, writer) => writer).flatMap((writer) => [
        ...Array.from({ length: 5 }, (_, step) =>
          call('POST', 'runs/log-metric', {
            run_id: run,
            key: `k${writer}`,
            value: step,
            step,
            timestamp: 1,
            model_id,
          }),
        ),
        call('PATCH', `${path}/tags`, { tags: [{ key: `t${writer}`, value: 'v' }] }),
        call('POST', `${path}/params`, { params: [{ key: `p${writer}`, value: 'v' }] }),
      ]);
      await Promise.all([...writers, call('PATCH', path, { status: 'LOGGED_MODEL_READY' })]);
      const { info, data } = (await call('GET', path)).model;
      expect(info.status).toBe('LOGGED_MODEL_READY');
      expect(info.tags.map(({ key }: { key: string }) => key).sort()).toEqual(['t0', 't1', 't2', 't3']);
      expect(data.params.map(({ key }: { key: string }) => key).sort()).toEqual(['i', 'p0', 'p1', 'p2', 'p3']);
      expect(data.metrics.map(({ key, step }: { key: string; step: number }) => `${key} ${step}`)).toEqual(
        [0, 1, 2, 3].flatMap((writer) => [0, 1, 2, 3, 4].map((step) => `k${writer} ${step}`)),
      );
    },
  );

  test.each(SEEDS)('has each input and output once, with what was said of it (seed %i)', async (seed) => {
    const { call, ids, run, objects } = await aStory(seed);
    const digests = ['a', 'b', 'c', 'd'];
    const datasetOf = (digest: string) => ({
      name: 'weather',
      digest,
      source_type: 'local',
      source: 's',
      schema: digest === 'a' ? 'x'.repeat(300_000) : 'short',
    });
    const tags = [{ key: 'mlflow.data.context', value: 'training' }];
    const json = (artifact_path: string) =>
      JSON.stringify({ artifact_path, flavors: { onnx: {} }, utc_time_created: 'now', run_id: run });
    await Promise.all([
      ...digests.map((digest) =>
        call('POST', 'runs/log-inputs', {
          run_id: run,
          datasets: [{ dataset: datasetOf(digest), tags }],
          models: [{ model_id: ids[0] }],
        }),
      ),
      ...ids.map((model_id, step) => call('POST', 'runs/outputs', { run_id: run, models: [{ model_id, step }] })),
      ...digests.map((path) => call('POST', 'runs/log-model', { run_id: run, model_json: json(path) })),
    ]);
    const { inputs, outputs, data } = (await call('GET', 'runs/get', { run_id: run })).run;
    const byDigest = [...inputs.dataset_inputs].sort((a, b) => (a.dataset.digest < b.dataset.digest ? -1 : 1));
    expect(byDigest).toEqual(digests.map((digest) => ({ dataset: datasetOf(digest), tags })));
    expect(inputs.model_inputs).toEqual([{ model_id: ids[0] }]);
    const steps = Object.fromEntries(
      outputs.model_outputs.map(({ model_id, step }: { model_id: string; step: number }) => [model_id, step]),
    );
    expect(outputs.model_outputs).toHaveLength(ids.length);
    expect(steps).toEqual(Object.fromEntries(ids.map((id, step) => [id, step])));
    const history = data.tags.find(({ key }: { key: string }) => key === 'mlflow.log-model.history').value;
    const paths = (JSON.parse(history) as { artifact_path: string }[]).map(({ artifact_path }) => artifact_path);
    expect(paths.sort()).toEqual(digests);
    const { dataset_summaries } = await call('POST', 'experiments/search-datasets', { experiment_ids: ['0'] });
    expect(dataset_summaries).toHaveLength(digests.length);
    expect(objects.keys()).toHaveLength(1);
  });
});
