import '../seed.ts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  MOST_MODEL_POINTS,
  type ModelPoint,
  POINTS_DOCUMENT,
  withModelPoints,
} from '../../lambdas/tracking/logged-model-points.ts';
import { ticking } from '../builders/ticking.ts';
import { trackingServer } from '../builders/tracking-server.ts';
import { memoryTable } from '../fakes/memory-table.ts';

type Server = ReturnType<typeof trackingServer>;

async function aWorld(server: Server) {
  const create = async (name: string) =>
    (await server.mlflow('POST', 'experiments/create', { name })).body.experiment_id as string;
  const experimentId = await create('rain');
  const other = await create('wind');
  const run = async (id = experimentId) =>
    (await server.mlflow('POST', 'runs/create', { experiment_id: id, start_time: 1 })).body.run.info.run_id as string;
  const runId = await run();
  const model = async (input: Record<string, unknown> = {}) =>
    (await server.mlflow('POST', 'logged-models', { experiment_id: experimentId, ...input })).body.model.info
      .model_id as string;
  const log = (model_id: string, key: string, value: number | string, of: Record<string, unknown> = {}) =>
    server.mlflow('POST', 'runs/log-metric', { run_id: runId, key, value, timestamp: 1, model_id, ...of });
  const search = (input: Record<string, unknown> = {}) =>
    server.mlflow('POST', 'logged-models/search', { experiment_ids: [experimentId], ...input });
  const names = async (input: Record<string, unknown> = {}) =>
    (await search(input)).body.models.map(({ info }: { info: { name: string } }) => info.name) as string[];
  /** Page after page, as a client goes. */
  const pages = async (input: Record<string, unknown>) => {
    const found: string[][] = [];
    let page_token: string | undefined;
    do {
      const { body } = await search({ ...input, page_token });
      found.push(body.models.map(({ info }: { info: { name: string } }) => info.name));
      page_token = body.next_page_token;
    } while (page_token);
    return found;
  };
  return { ...server, experimentId, other, run, runId, model, log, search, names, pages };
}

describe('a search for logged models', () => {
  test('gives the newest first, of all experiments that are named, in pages', async () => {
    const { clock } = ticking();
    const { model, names, pages, experimentId, other } = await aWorld(trackingServer({ clock }));
    for (const [i, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      await model({ name, experiment_id: i % 2 === 0 ? experimentId : other });
    }
    await expect(names()).resolves.toEqual(['e', 'c', 'a']);
    const experiment_ids = [experimentId, other, experimentId, '777'];
    await expect(pages({ experiment_ids, max_results: 2 })).resolves.toEqual([['e', 'd'], ['c', 'b'], ['a']]);
    await expect(pages({ experiment_ids, filter: "name != 'd'", max_results: 2 })).resolves.toEqual([
      ['e', 'c'],
      ['b', 'a'],
    ]);
    const order_by = [{ field_name: 'name' }];
    await expect(pages({ experiment_ids, order_by, max_results: 3 })).resolves.toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
  });

  test('filters by attributes, params, tags and any value of a metric', async () => {
    const { model, log, names, runId } = await aWorld(trackingServer());
    const id = await model({
      name: 'a',
      model_type: 'tree',
      source_run_id: runId,
      params: [{ key: 'depth', value: '3' }],
      tags: [{ key: 't', value: 'v' }],
    });
    await model({ name: 'b' });
    for (const value of [0.1, 0.2, 0.3]) await log(id, 'acc', value, { step: value * 10 });
    for (const filter of [
      "name = 'a'",
      "model_type = 'tree'",
      "status = 'PENDING' AND model_type = 'tree'",
      `source_run_id = '${runId}'`,
      `source_run_id IN ('${runId}', 'nobody') AND name = 'a'`,
      "params.depth = 3 AND tags.t = 'v'",
      'metrics.acc > 0.15 AND metrics.acc < 0.25',
    ]) {
      await expect(names({ filter })).resolves.toEqual(['a']);
    }
    for (const filter of [`source_run_id = '${runId}' AND name = 'b'`, 'metrics.acc > 0.3', "source_run_id = 'no'"]) {
      await expect(names({ filter })).resolves.toEqual([]);
    }
  });

  test('finds those of a source run in the experiments that are named, and no others', async () => {
    const { model, names, runId, other } = await aWorld(trackingServer());
    await model({ name: 'a', source_run_id: runId });
    await model({ name: 'b', source_run_id: runId, experiment_id: other });
    const filter = `source_run_id = '${runId}'`;
    await expect(names({ filter })).resolves.toEqual(['a']);
    await expect(names({ filter, experiment_ids: [other] })).resolves.toEqual(['b']);
  });

  test('orders by a metric, on a dataset if one is named, with what lacks it last', async () => {
    const { model, log, names } = await aWorld(trackingServer(ticking()));
    const ids: Record<string, string> = {};
    for (const name of ['a', 'b', 'c', 'none']) ids[name] = await model({ name });
    const on = (dataset_name: string) => ({ dataset_name, dataset_digest: '1' });
    await log(ids['a']!, 'acc', 0.5, on('train'));
    await log(ids['b']!, 'acc', 0.7, on('train'));
    await log(ids['c']!, 'acc', 'NaN', on('train'));
    await log(ids['a']!, 'acc', 0.9, { ...on('eval'), timestamp: 2 });
    await log(ids['b']!, 'acc', 0.8, { ...on('eval'), timestamp: 2 });
    const by = (of: object) => names({ order_by: [{ field_name: 'metrics.acc', ...of }] });
    await expect(by({})).resolves.toEqual(['b', 'a', 'c', 'none']);
    await expect(by({ ascending: false })).resolves.toEqual(['a', 'b', 'c', 'none']);
    await expect(by({ ascending: false, dataset_name: 'train' })).resolves.toEqual(['b', 'a', 'c', 'none']);
    await expect(names({ datasets: [{ dataset_name: 'eval' }] })).resolves.toEqual(['b', 'a']);
    await expect(
      names({ datasets: [{ dataset_name: 'train', dataset_digest: '1' }], filter: 'metrics.acc > 0.6' }),
    ).resolves.toEqual(['b']);
  });

  test('sees each change at once, whoever made it, however long ago it looked before', async () => {
    const time = ticking();
    const table = memoryTable();
    const here = await aWorld(trackingServer({ table, clock: time.clock }));
    const elsewhere = trackingServer({ table, clock: time.clock });
    const order_by = [{ field_name: 'name' }];
    const id = await here.model({ name: 'a' });
    await expect(here.names({ order_by })).resolves.toEqual(['a']);
    for (const wait of [0, 5_000, 3_600_000]) {
      time.pass(wait);
      const made = await elsewhere.mlflow('POST', 'logged-models', {
        experiment_id: here.experimentId,
        name: `after ${wait}`,
      });
      expect(await here.names({ order_by })).toContain(`after ${wait}`);
      await elsewhere.mlflow('PATCH', `logged-models/${id}/tags`, { tags: [{ key: 'wait', value: String(wait) }] });
      await expect(here.names({ order_by, filter: `tags.wait = '${wait}'` })).resolves.toEqual(['a']);
      await elsewhere.mlflow('POST', 'runs/log-metric', {
        run_id: here.runId,
        key: `m${wait}`,
        value: 1,
        timestamp: 1,
        model_id: id,
      });
      await expect(here.names({ order_by, filter: `metrics.m${wait} = 1` })).resolves.toEqual(['a']);
      await elsewhere.mlflow('DELETE', `logged-models/${made.body.model.info.model_id}`);
      expect(await here.names({ order_by })).not.toContain(`after ${wait}`);
    }
  });

  test('takes a page token for the same search only, and sizes that are possible', async () => {
    const { model, search, experimentId, other } = await aWorld(trackingServer());
    await model();
    await model();
    const { body } = await search({ max_results: 1 });
    const page_token = body.next_page_token;
    await expect(search({ max_results: 1, page_token })).resolves.toMatchObject({ status: 200 });
    for (const changed of [
      { experiment_ids: [experimentId, other] },
      { filter: "name = 'a'" },
      { order_by: [{ field_name: 'name' }] },
      { datasets: [{ dataset_name: 'd' }] },
    ]) {
      await expect(search({ max_results: 1, page_token, ...changed })).resolves.toMatchObject({ status: 400 });
    }
    await expect(search({ max_results: 0 })).resolves.toMatchObject({ status: 200 });
    for (const bad of [
      { max_results: -1 },
      { experiment_ids: [] },
      { experiment_ids: ['x'] },
      { experiment_ids: Array.from({ length: 1001 }, (_, i) => String(i)) },
      { datasets: [{ dataset_digest: 'd' }] },
      { filter: 'metrics.acc ~ 1' },
      { order_by: [{ field_name: 'params.a' }] },
    ]) {
      await expect(search(bad)).resolves.toMatchObject({
        status: 400,
        body: { error_code: 'INVALID_PARAMETER_VALUE' },
      });
    }
  });

  test('answers in pages that a function may answer, each with the token of the next', async () => {
    const { model, pages } = await aWorld(trackingServer());
    const tags = Array.from({ length: 10 }, (_, i) => ({ key: `t${i}`, value: 'v'.repeat(100_000) }));
    for (let i = 0; i < 6; i++) await model({ name: `m${i}`, tags });
    for (const order_by of [[], [{ field_name: 'name' }]]) {
      const sizes = (await pages({ order_by })).map((page) => page.length);
      expect(sizes).toEqual([4, 2]);
    }
  });

  test('gives each model once and in order, by whatever way it is read', async () => {
    const { clock } = ticking();
    const world = await aWorld(trackingServer({ clock }));
    const models: { name: string; at: number }[] = [];
    for (let i = 0; i < 260; i++) {
      await world.model({ name: `m${i}`, params: [{ key: 'odd', value: String(i % 2) }] });
      models.unshift({ name: `m${i}`, at: i });
    }
    const odd = models.filter(({ at }) => at % 2 === 1).map(({ name }) => name);
    const all = models.map(({ name }) => name);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: 300 }), fc.boolean(), async (max_results, isOdd) => {
        const filter = isOdd ? 'params.odd = 1' : undefined;
        const wanted = isOdd ? odd : all;
        const walked = await world.pages({ max_results, filter });
        expect(walked.flat()).toEqual(wanted);
        expect(walked).toHaveLength(Math.ceil(wanted.length / max_results));
        const order_by = [{ field_name: 'last_updated_timestamp', ascending: false }];
        await expect(world.pages({ max_results, filter, order_by })).resolves.toEqual(walked);
      }),
      { numRuns: 8 },
    );
  });
});

describe("a model's points", () => {
  const aPoint: fc.Arbitrary<ModelPoint> = fc.record({
    key: fc.constantFrom('a', 'b'),
    value: fc.constantFrom(0, 1, Number.NaN, -2.5),
    timestamp: fc.constantFrom<number | bigint>(1, 2, 2n ** 60n),
    step: fc.integer({ min: -3, max: 3 }),
    modelId: fc.constant('m-1'),
    runId: fc.constantFrom('r1', 'r2'),
  });
  const onDataset = fc
    .tuple(aPoint, fc.option(fc.constantFrom('d1', 'd2'), { nil: undefined }))
    .map(([point, datasetName]) => (datasetName === undefined ? point : { ...point, datasetName, datasetDigest: 'g' }));

  test('come back from their bytes as they went in', () => {
    fc.assert(
      fc.property(fc.array(onDataset), (points) => {
        expect(POINTS_DOCUMENT.unpack(POINTS_DOCUMENT.pack(points))).toEqual(points);
      }),
    );
  });

  test('are the same in whatever pieces they come, and however often', () => {
    fc.assert(
      fc.property(fc.array(onDataset), fc.nat(), (points, at) => {
        const cut = at % (points.length + 1);
        const whole = withModelPoints([], points);
        const pieces = withModelPoints(withModelPoints([], points.slice(0, cut)), points.slice(cut));
        expect(new Set(pieces.map((point) => JSON.stringify(point, bigints)))).toEqual(
          new Set(whole.map((point) => JSON.stringify(point, bigints))),
        );
        expect(withModelPoints(pieces, structuredClone(points))).toBe(pieces);
      }),
    );
  });

  test('are thinned to the newest, and to the latest of each run, metric and dataset, where they are many', () => {
    const base = { key: 'loss', modelId: 'm-1', runId: 'r1' };
    const first = { ...base, key: 'once', value: 7, timestamp: 0, step: 0 };
    let points = withModelPoints([], [first]);
    for (let i = 1; i <= 1000; i++) points = withModelPoints(points, [{ ...base, value: i, timestamp: i, step: i }]);
    expect(points).toHaveLength(MOST_MODEL_POINTS);
    expect(points[0]).toEqual(first);
    expect(points.slice(1).map(({ step }) => step)).toEqual(
      Array.from({ length: MOST_MODEL_POINTS - 1 }, (_, i) => 1002 - MOST_MODEL_POINTS + i),
    );
    const series = Array.from({ length: 400 }, (_, i) => ({ ...base, key: `k${i}`, value: i, timestamp: 1, step: 1 }));
    expect(withModelPoints([], series)).toHaveLength(400);
  });
});

const bigints = (_key: string, value: unknown) =>
  typeof value === 'bigint' || Number.isNaN(value) ? String(value) : value;
