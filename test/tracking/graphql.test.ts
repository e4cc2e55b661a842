import { describe, expect, test } from '@jest/globals';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import { answerGraphql } from '../../lambdas/tracking/graphql-execution.ts';
import type { GraphqlVerbs } from '../../lambdas/tracking/graphql-verbs.ts';
import type { TrackingRequest } from '../../lambdas/tracking/mlflow-route.ts';
import { trackingServer } from '../builders/tracking-server.ts';

const request = { workspace: 'default' } as TrackingRequest;

/** Verbs that nobody expects to be called, but those that are given. */
function verbs(given: Partial<GraphqlVerbs> = {}): GraphqlVerbs {
  const uncalled = (name: string) => async () => {
    throw new Error(`${name} is called`);
  };
  const names = [
    'getExperiment',
    'getRun',
    'searchRuns',
    'searchModelVersions',
    'listArtifacts',
    'getMetricHistoryBulkInterval',
  ];
  return { ...Object.fromEntries(names.map((name) => [name, uncalled(name)])), ...given } as GraphqlVerbs;
}
const ask = (query: string, given: Partial<GraphqlVerbs> = {}, variables?: Record<string, unknown>) =>
  answerGraphql(verbs(given), { query, variables }, request);

/** A server with one finished run, asked as the UI asks. */
async function aServerWithARun() {
  const server = trackingServer();
  const created = await server.mlflow('POST', 'runs/create', { experiment_id: '0', run_name: 'first', start_time: 5 });
  const runId = created.body.run.info.run_id as string;
  await server.mlflow('POST', 'runs/log-metric', {
    run_id: runId,
    key: 'loss',
    value: 0.5,
    timestamp: 7,
    step: '9007199254740993',
  });
  await server.mlflow('POST', 'runs/log-metric', { run_id: runId, key: 'gap', value: 'NaN', timestamp: 7 });
  await server.mlflow('POST', 'runs/log-parameter', { run_id: runId, key: 'depth', value: '3' });
  const graphql = (query: string, variables: object = {}, roles: readonly ('scientist' | 'app')[] = ['scientist']) =>
    server.call('POST', '/graphql', { query, variables }, { roles });
  return { server, runId, graphql };
}

describe('a query of the UI', () => {
  test('gives a run with its experiment: int64 as text, NaN as null, enums by name', async () => {
    const { runId, graphql } = await aServerWithARun();
    const { body } = await graphql(
      `query GetRun($data: MlflowGetRunInput!) @component(name: "MLflow.ExperimentRunTracking") {
        mlflowGetRun(input: $data) {
          apiError { code }
          run {
            info { runName runUuid status startTime endTime lifecycleStage __typename }
            experiment { experimentId name }
            data { metrics { key value step timestamp } params { key value } }
            inputs { datasetInputs { dataset { name } } modelInputs { modelId } }
            outputs { modelOutputs { modelId step } }
          }
        }
      }`,
      { data: { runId } },
    );
    expect(body.errors).toBeNull();
    const { run, apiError } = body.data.mlflowGetRun;
    expect(apiError).toBeNull();
    expect(run.info).toEqual({
      runName: 'first',
      runUuid: runId,
      status: 'RUNNING',
      startTime: '5',
      endTime: '0',
      lifecycleStage: 'active',
      __typename: 'MlflowRunInfo',
    });
    expect(run.experiment).toEqual({ experimentId: '0', name: 'Default' });
    expect(run.data.metrics).toContainEqual({ key: 'loss', value: 0.5, step: '9007199254740993', timestamp: '7' });
    expect(run.data.metrics).toContainEqual({ key: 'gap', value: null, step: '0', timestamp: '7' });
    expect(run.data.params).toEqual([{ key: 'depth', value: '3' }]);
    expect([run.inputs, run.outputs]).toEqual([{ datasetInputs: [], modelInputs: [] }, { modelOutputs: [] }]);
  });

  test('gives the curve of a metric', async () => {
    const { runId, graphql } = await aServerWithARun();
    const { body } = await graphql(
      `query GetMetricHistoryBulkInterval($data: MlflowGetMetricHistoryBulkIntervalInput!) {
        mlflowGetMetricHistoryBulkInterval(input: $data) { metrics { key value step timestamp runId } apiError { code } }
      }`,
      { data: { runIds: [runId], metricKey: 'loss', maxResults: 320 } },
    );
    expect(body).toEqual({
      data: {
        mlflowGetMetricHistoryBulkInterval: {
          apiError: null,
          metrics: [{ key: 'loss', value: 0.5, step: '9007199254740993', timestamp: '7', runId }],
        },
      },
      errors: null,
    });
  });

  test('is answered by the verbs of REST, under their names', async () => {
    const asked: object[] = [];
    const hear = async (input: object) => {
      asked.push(input);
      return {
        runs: [],
        model_versions: [{ version: '2', creation_timestamp: 12 }],
        files: [{ path: 'a', is_dir: false, file_size: 3 }],
      };
    };
    const { data, errors } = await ask(
      `{ mlflowSearchRuns(input: { experimentIds: ["1"], runViewType: ALL, maxResults: 5, orderBy: ["metrics.a"] }) { runs { info { runId } } nextPageToken }
         mlflowSearchModelVersions(input: { filter: "name='m'", maxResults: "9007199254740993" }) { modelVersions { version creationTimestamp aliases status } }
         mlflowListArtifacts(input: { runId: "r", path: "p" }) { rootUri files { path isDir fileSize } } }`,
      { searchRuns: hear, searchModelVersions: hear, listArtifacts: hear },
    );
    expect(errors).toBeNull();
    expect(asked).toEqual([
      { experiment_ids: ['1'], run_view_type: 'ALL', max_results: 5, order_by: ['metrics.a'] },
      { filter: "name='m'", max_results: 9007199254740993n },
      { run_id: 'r', path: 'p' },
    ]);
    expect(data).toEqual({
      mlflowSearchRuns: { runs: [], nextPageToken: '' },
      mlflowSearchModelVersions: {
        modelVersions: [{ version: '2', creationTimestamp: '12', aliases: [], status: null }],
      },
      mlflowListArtifacts: { rootUri: '', files: [{ path: 'a', isDir: false, fileSize: '3' }] },
    });
  });

  test('may come by GET, with its variables as text', async () => {
    const { server } = await aServerWithARun();
    const query = 'query Q($text: String) { test(inputString: $text) { output } }';
    const { body } = await server.call('GET', '/graphql', { query, variables: '{"text":"hello"}' });
    expect(body).toEqual({ data: { test: { output: 'hello' } }, errors: null });
  });

  test('is chosen by name among several', async () => {
    const query = 'query a { test(inputString: "1") { output } } query b { test(inputString: "2") { output } }';
    expect(await answerGraphql(verbs(), { query, operationName: 'b' }, request)).toEqual({
      data: { test: { output: '2' } },
      errors: null,
    });
  });

  test('is refused to who may not read', async () => {
    const { graphql } = await aServerWithARun();
    expect((await graphql('{ test { output } }', {}, ['app'])).status).toBe(403);
  });
});

describe('errors', () => {
  test('of a verb are plain texts beside no data', async () => {
    const { graphql } = await aServerWithARun();
    const { status, body } = await graphql('{ mlflowGetRun(input: { runId: "nope" }) { run { info { runId } } } }');
    expect(status).toBe(200);
    expect(body).toEqual({ data: { mlflowGetRun: null }, errors: [expect.stringContaining('nope')] });
  });

  test.each([
    ['{ nofield }', 'Cannot query field "nofield"'],
    ['{ ', 'Syntax Error'],
    ['mutation { mlflowSearchRuns { runs { info { runId } } } }', 'Schema is not configured to execute mutation'],
    ['{ __schema { types { name } } }', 'introspection'],
    ['{ __type(name: "Query") { name } }', 'introspection'],
    ['{ mlflowSearchModelVersions(input: { maxResults: "x" }) { nextPageToken } }', 'no whole number'],
  ])('of the query itself too: %s', async (query, text) => {
    const { data, errors } = await ask(query);
    expect(data).toBeNull();
    expect(errors?.join()).toMatch(new RegExp(text.replace(/[()]/g, '.'), 'i'));
  });

  test.each([
    ['unexpected', () => new Error('boom')],
    ['unavailable', () => SharedErrors.ServiceUnavailable('try again')],
  ])(
    'that are the fault of the platform fail the request, so that they are logged and tried again: %s',
    async (_, fault) => {
      const thrown = fault();
      const getExperiment = async () => {
        throw thrown;
      };
      await expect(
        ask('{ mlflowGetExperiment(input: { experimentId: "1" }) { experiment { name } } }', { getExperiment }),
      ).rejects.toBe(thrown);
    },
  );

  test.each([
    [{}, 'query'],
    [{ query: '' }, 'query'],
    [{ query: '{ test { output } }', variables: [1] }, 'variables'],
  ])('of the request are those of REST: %j', async (input, field) => {
    const { status, body } = await trackingServer().call('POST', '/graphql', input);
    expect([status, body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect(body.message).toContain(field);
  });
});

describe('a query that would cost too much', () => {
  const times = (count: number, text: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => text(i)).join(' ');
  const test1 = 'test(inputString: "x") { output }';
  const nested = (depth: number) => `${'{ a '.repeat(depth)}${'}'.repeat(depth)}`;

  test.each([
    ['root fields', times(10, () => test1), times(11, () => test1)],
    ['aliases', `test { ${times(10, (i) => `a${i}: output`)} }`, `test { ${times(11, (i) => `a${i}: output`)} }`],
    ['total selections', `test { ${times(999, () => 'output')} }`, `test { ${times(1000, () => 'output')} }`],
  ])('by its %s is refused, and one at the limit is not', async (what, atLimit, over) => {
    expect((await ask(`{ ${atLimit} }`)).errors?.join() ?? '').not.toContain(what);
    expect((await ask(`{ ${over} }`)).errors?.join()).toContain(what);
  });

  test('by its depth is refused before anything is looked up', async () => {
    expect((await ask(nested(10))).errors?.join()).not.toContain('depth');
    expect((await ask(nested(11))).errors?.join()).toContain('maximum depth of 10');
    // Deeper than a parser's own stack.
    expect((await ask(nested(100_000))).errors?.join()).toContain('Syntax Error');
  });

  test('by fragments that multiply is refused, and fragments in a circle are', async () => {
    const doubling = times(15, (i) => `fragment F${i} on Test { ...F${i + 1} ...F${i + 1} }`);
    const { errors } = await ask(`{ test { ...F0 } } ${doubling} fragment F15 on Test { output }`);
    expect(errors?.join()).toContain('total selections');
    const circle = 'fragment A on Test { ...B } fragment B on Test { ...A }';
    expect((await ask(`{ test { ...A } } ${circle}`)).errors?.join()).toContain('Cannot spread fragment');
  });

  test('hides no aliases in fragments beside each other', async () => {
    const parts = times(4, (i) => `... on Test { ${times(3, (j) => `x${i}${j}: output`)} }`);
    expect((await ask(`{ test { ${parts} } }`)).errors?.join()).toContain('aliases');
  });

  test('by looking up something for each of many runs is refused; an experiment is looked up once', async () => {
    const runs = Array.from({ length: 101 }, (_, i) => ({ info: { run_id: `r${i}`, experiment_id: '1' } }));
    let experiments = 0;
    const given = {
      searchRuns: async () => ({ runs }),
      getExperiment: async () => {
        experiments += 1;
        return { experiment: { name: 'e' } };
      },
      searchModelVersions: async ({ filter }: Record<string, unknown>) => ({ model_versions: [{ source: filter }] }),
    };
    const one = await ask('{ mlflowSearchRuns { runs { experiment { name } } } }', given);
    expect([one.errors, experiments]).toEqual([null, 1]);
    const many = await ask('{ mlflowSearchRuns { runs { modelVersions { source } } } }', given);
    expect(many.errors?.[0]).toContain('at most 100 runs');
    runs.pop();
    const hundred = await ask('{ mlflowSearchRuns { runs { modelVersions { source } } } }', given);
    expect(hundred).toMatchObject({
      errors: null,
      data: { mlflowSearchRuns: { runs: { 99: { modelVersions: [{ source: "run_id='r99'" }] } } } },
    });
  });
});

test('every verb that a query needs has its route', async () => {
  const { graphql } = await aServerWithARun();
  const fields = {
    mlflowGetExperiment: 'experiment { name }',
    mlflowGetRun: 'run { info { runId } }',
    mlflowSearchRuns: 'nextPageToken',
    mlflowSearchModelVersions: 'nextPageToken',
    mlflowListArtifacts: 'rootUri',
    mlflowGetMetricHistoryBulkInterval: 'metrics { key }',
  };
  const { body } = await graphql(
    `{ ${Object.entries(fields)
      .map(([name, field]) => `${name}(input: {}) { ${field} }`)
      .join(' ')} }`,
  );
  expect((body.errors as string[] | null)?.filter((each) => each.includes('no such endpoint')) ?? []).toEqual([]);
});
