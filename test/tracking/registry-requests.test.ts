import { describe, expect, test } from '@jest/globals';
import { registryRoutes } from '../../lambdas/tracking/registry-routes.ts';
import { steadyTable } from '../../lambdas/tracking/steady-table.ts';
import { get, MODEL, post, RUN, rain, version } from '../builders/rain-registry.ts';
import { aRegistryApi, memorySources } from '../builders/registry-api.ts';
import { faultRate, faulty, seededRandom } from '../fakes/faulty.ts';
import { memoryTable } from '../fakes/memory-table.ts';

describe('searching', () => {
  test('filters, orders and pages versions, with a token for the same search alone', async () => {
    const api = await rain();
    for (let i = 0; i < 5; i++) {
      await version(api, { tags: [{ key: 'odd', value: String(i % 2) }] });
      api.later();
    }
    const search = async (query: Record<string, string | string[]>) => {
      const { body } = await get(api, 'model-versions/search', query);
      return { versions: body.model_versions?.map((each) => each.version), token: body.next_page_token };
    };
    expect((await search({})).versions).toEqual(['5', '4', '3', '2', '1']);
    expect((await search({ filter: "name = 'rain' AND tags.odd = '1'" })).versions).toEqual(['4', '2']);
    expect((await search({ filter: `run_id = '${RUN}'`, order_by: ['version_number ASC'] })).versions).toEqual([
      ...['1', '2', '3', '4', '5'],
    ]);
    expect((await search({ filter: "run_id = 'none'" })).versions).toEqual(undefined);
    expect((await search({ filter: 'version_number > 3' })).versions).toEqual(['5', '4']);
    const first = await search({ max_results: '2' });
    expect(first.versions).toEqual(['5', '4']);
    // Something changes between two pages: nobody is shown twice.
    await version(api);
    const second = await search({ max_results: '2', page_token: first.token as string });
    expect(second.versions).toEqual(['3', '2']);
    const third = await search({ max_results: '2', page_token: second.token as string });
    expect(third).toEqual({ versions: ['1'], token: undefined });
    const other = await get(api, 'model-versions/search', { filter: "name = 'x'", page_token: first.token as string });
    expect(other).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });

  test('filters and orders models by name, time and tag', async () => {
    const api = aRegistryApi();
    for (const name of ['b', 'a', 'c']) {
      const tags = name === 'c' ? [] : [{ key: 'team', value: name }];
      await post(api, 'registered-models/create', { name, tags });
      api.later();
    }
    const names = async (query: Record<string, string | string[]>) =>
      (await get(api, 'registered-models/search', query)).body.registered_models?.map(({ name }) => name);
    expect(await names({})).toEqual(['a', 'b', 'c']);
    expect(await names({ order_by: ['creation_timestamp DESC'] })).toEqual(['c', 'a', 'b']);
    expect(await names({ filter: "tags.team = 'b'" })).toEqual(['b']);
    expect(await names({ filter: "name ILIKE '%A%'" })).toEqual(['a']);
    expect(await names({ filter: "name = 'nobody'" })).toEqual(undefined);
    const page = (await get(api, 'registered-models/search', { max_results: '2' })).body;
    expect(await names({ max_results: '2', page_token: page.next_page_token as string })).toEqual(['c']);
  });
});

describe('a source', () => {
  const own = `mlflow-artifacts:/1/${RUN}/artifacts`;
  test.each([
    ['below its run', { source: `${own}/model`, run_id: RUN }],
    ['of its run by name', { source: `runs:/${RUN}/model`, run_id: RUN }],
    ['that is its logged model', { source: `models:/${MODEL}`, model_id: MODEL }],
    ['below its logged model', { source: `mlflow-artifacts:/1/models/${MODEL}/artifacts`, model_id: MODEL }],
    ['elsewhere, which is a note', { source: 's3://their-bucket/model' }],
  ])('%s is taken', async (_, body) => {
    const api = await rain();
    expect(await post(api, 'model-versions/create', { name: 'rain', ...body })).toMatchObject({ status: 200 });
  });

  test.each([
    ['beside its run', { source: `mlflow-artifacts:/1/${'c'.repeat(32)}/artifacts/model`, run_id: RUN }],
    ['that only begins like its run', { source: `${own}-other/model`, run_id: RUN }],
    ['in our storage of no run', { source: `${own}/model` }],
    ['of a run that is not there', { source: `${own}/model`, run_id: 'd'.repeat(32) }],
    ['of another run by name', { source: `runs:/${'c'.repeat(32)}/model`, run_id: RUN }],
    ['of another logged model', { source: 'models:/m-other', model_id: MODEL }],
    ['of a logged model without its id', { source: `models:/${MODEL}` }],
    ['of no run, in the bucket of our storage', { source: `s3://artifacts/default/mlflow/1/${RUN}/artifacts/model` }],
    ['beside its logged model, in that bucket', { source: 's3://artifacts/default/mlflow/1/x', model_id: MODEL }],
    ['with a way up', { source: `${own}/../../2/x`, run_id: RUN }],
    ['with an encoded way up', { source: `${own}/%2e%2e/%2E%2e/x`, run_id: RUN }],
    ['with a way up that is encoded three times', { source: `${own}/%25252e%25252e/x`, run_id: RUN }],
    ['with an encoded slash on its way up', { source: `${own}/..%2f..%2fx`, run_id: RUN }],
    ['with a way up elsewhere', { source: 's3://bucket/a/../b' }],
    ['with a backslash on its way up', { source: `${own}/a\\..\\b`, run_id: RUN }],
    ['with an encoded NUL', { source: 's3://bucket/a%00b' }],
    ['on a local disk', { source: '/etc/passwd', run_id: RUN }],
    ['in a local file', { source: 'file:///etc/passwd', run_id: RUN }],
    ['at a host', { source: 'http://169.254.169.254/latest/meta-data' }],
    ['at a host that plays a tracking server', { source: 'mlflow-artifacts://evil.example/1/x', run_id: RUN }],
    ['on an FTP server', { source: 'ftp://evil.example/x' }],
    ['of a model at a host', { source: 'models://evil.example/rain/1' }],
    ['of nothing', { source: 'models:/' }],
  ])('%s is refused, and no version is made', async (_, body) => {
    const api = await rain();
    const made = await post(api, 'model-versions/create', { name: 'rain', ...body });
    expect(made).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect((await get(api, 'model-versions/search', {})).body).toEqual({});
  });
});

test('a source is compared with its run where clients reach the bucket themselves', async () => {
  const uri = `s3://artifacts/default/mlflow/1/${RUN}/artifacts`;
  const api = aRegistryApi(memoryTable(), memorySources({ [RUN]: uri }));
  await post(api, 'registered-models/create', { name: 'rain' });
  const make = (run: string) =>
    post(api, 'model-versions/create', { name: 'rain', source: uri.replace(RUN, run), run_id: RUN });
  expect(await make(RUN)).toMatchObject({ status: 200 });
  expect(await make('c'.repeat(32))).toMatchObject({ status: 400 });
});

describe('who may', () => {
  test('an engineer chooses the champion; a scientist is told so, and may set any other alias', async () => {
    const api = await rain();
    await version(api);
    const champion = { name: 'rain', alias: 'champion', version: '1' };
    expect(await post(api, 'registered-models/alias', champion)).toMatchObject({
      status: 403,
      body: { error_code: 'PERMISSION_DENIED', message: expect.stringMatching(/engineer/) },
    });
    expect((await post(api, 'registered-models/alias', champion, 'engineer')).status).toBe(200);
    const shown = await get(api, 'model-versions/get', { name: 'rain', version: '1' });
    expect(shown.body.model_version).toMatchObject({
      aliases: ['champion'],
      tags: [{ key: 'millrace.rollout', value: 'candidate: waits to become a bundle' }],
    });
    const gone = { method: 'DELETE', body: { name: 'rain', alias: 'champion' } };
    expect((await api.call('registered-models/alias', gone)).status).toBe(403);
  });

  test.each(['live', 'latest', 'v12', 'LATEST'])('nobody sets the alias %s', async (alias) => {
    const api = await rain();
    await version(api);
    expect(await post(api, 'registered-models/alias', { name: 'rain', alias, version: '1' }, 'engineer')).toMatchObject(
      {
        status: 400,
        body: { error_code: 'INVALID_PARAMETER_VALUE', name: 'AliasReserved' },
      },
    );
  });

  test('an auditor reads and writes nothing', async () => {
    const api = await rain();
    expect((await api.call('registered-models/get', { query: { name: 'rain' }, roles: 'auditor' })).status).toBe(200);
    for (const { method, path, access } of registryRoutes.filter((route) => route.access === 'write')) {
      const answer = await api.call(path.replace('/mlflow/', ''), { method, body: {}, roles: 'auditor' });
      expect([path, access, answer.body.error_code]).toEqual([path, 'write', 'PERMISSION_DENIED']);
    }
  });

  test('workspaces do not see each other', async () => {
    const api = await rain();
    await version(api);
    const blue = await api.call('registered-models/get', { query: { name: 'rain' }, workspace: 'blue' });
    expect(blue.status).toBe(404);
    expect((await api.call('model-versions/search', { query: {}, workspace: 'blue' })).body).toEqual({});
  });
});

describe('what is wrong with a request', () => {
  test.each([
    ['registered-models/create', {}, /Missing value for required parameter 'name'/],
    ['registered-models/create', { name: 'a/b' }, /Invalid model name 'a\/b'. Names cannot contain '\/' or ':'/],
    ['registered-models/create', { name: 'x', tags: [{ value: 'v' }] }, /required parameter 'tags\[0\].key'/],
    ['model-versions/create', { name: 'rain' }, /Missing value for required parameter 'source'/],
    [
      'model-versions/set-tag',
      { name: 'rain', version: 'one', key: 'k' },
      /Parameter 'version' must be an integer, got 'one'/,
    ],
    ['registered-models/alias', { name: 'rain', alias: 'a b', version: '1' }, /Invalid alias name: 'a b'/],
  ])('%s with %j says so', async (path, body, message) => {
    const api = await rain();
    expect(await post(api, path, body)).toMatchObject({
      status: 400,
      body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(message) },
    });
  });

  test('a name that is taken is RESOURCE_ALREADY_EXISTS at 400', async () => {
    expect(await post(await rain(), 'registered-models/create', { name: 'rain' })).toMatchObject({
      status: 400,
      body: { error_code: 'RESOURCE_ALREADY_EXISTS', message: 'Registered Model (name=rain) already exists.' },
    });
  });
});

describe('with 30 % of all calls to the table lost before or after their effect', () => {
  test('versions that many clients make at once are dense, one for each request, and no answer is a failure', async () => {
    const stored = memoryTable();
    const lossy = steadyTable(faulty(stored, faultRate(0.3, seededRandom(5))), { attempts: 30, sleep: async () => {} });
    const api = aRegistryApi(lossy);
    expect((await post(api, 'registered-models/create', { name: 'rain' })).status).toBe(200);
    const made = await Promise.all(
      Array.from({ length: 20 }, () => post(api, 'model-versions/create', { name: 'rain', source: 's3://b/k' })),
    );
    const numbers = made.map(({ body }) => Number(body.model_version?.version)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect((await get(api, 'model-versions/search', {})).body.model_versions).toHaveLength(20);
  });

  test('a version that lost its answer is deleted once, and the client is told that it went well', async () => {
    const stored = memoryTable();
    const quiet = aRegistryApi(stored);
    await post(quiet, 'registered-models/create', { name: 'rain' });
    await post(quiet, 'model-versions/create', { name: 'rain', source: 's3://b/k' });
    let lost = 0;
    const lossy = steadyTable(
      faulty(stored, (method) => (method === 'transact' && lost++ === 0 ? 'after' : undefined)),
      { sleep: async () => {} },
    );
    const gone = { method: 'DELETE', body: { name: 'rain', version: '1' } };
    expect(await aRegistryApi(lossy).call('model-versions/delete', gone)).toEqual({ status: 200, body: {} });
  });
});
