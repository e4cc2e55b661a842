import { describe, expect, test } from '@jest/globals';
import { recordLive, registerModelVersion } from '../../lambdas/registry/contract.ts';
import { registryRoutes } from '../../lambdas/tracking/registry-routes.ts';
import { get, MODEL, post, RUN, rain, version } from '../builders/rain-registry.ts';
import { aRegistration } from '../builders/registration.ts';
import { aRegistryApi } from '../builders/registry-api.ts';

const AT = '2026-01-05T08:00:00.000Z';

describe('the registry over MLflow’s REST API', () => {
  test('has all 22 endpoints, each at one method and path', () => {
    const named = registryRoutes.map(({ method, path }) => `${method} ${path.replace('/mlflow/', '')}`);
    expect(new Set(named).size).toBe(22);
    expect(named.filter((each) => each.includes('get-latest-versions'))).toHaveLength(2);
  });

  test('a model is made with tags and description, and read back', async () => {
    const api = aRegistryApi();
    const made = await post(api, 'registered-models/create', {
      name: 'rain',
      description: 'will it rain',
      tags: [
        { key: 'team', value: 'red' },
        { key: 'team', value: 'blue' },
      ],
    });
    const rained = {
      name: 'rain',
      creation_timestamp: Date.parse('2026-01-06T09:00:00.000Z'),
      last_updated_timestamp: Date.parse('2026-01-06T09:00:00.000Z'),
      user_id: 't-1',
      description: 'will it rain',
      tags: [{ key: 'team', value: 'blue' }],
    };
    expect(made).toEqual({ status: 200, body: { registered_model: rained } });
    expect((await get(api, 'registered-models/get', { name: 'rain' })).body).toEqual({ registered_model: rained });
  });

  test('a version of a logged model has its place, its run, and leaves a record there', async () => {
    const api = await rain();
    const made = await version(api, { description: 'first', tags: [{ key: 'a', value: '1' }] });
    expect(made.body.model_version).toMatchObject({
      name: 'rain',
      version: '1',
      current_stage: 'None',
      status: 'READY',
      source: `models:/${MODEL}`,
      run_id: RUN,
      model_id: MODEL,
      description: 'first',
      tags: [{ key: 'a', value: '1' }],
    });
    expect(api.sources.recorded.get(MODEL)).toEqual([{ name: 'rain', version: '1' }]);
    const uri = await get(api, 'model-versions/get-download-uri', { name: 'rain', version: '1' });
    expect(uri.body).toEqual({ artifact_uri: `mlflow-artifacts:/1/models/${MODEL}/artifacts` });
  });

  test('a version may be made of another, by number, alias, stage or latest', async () => {
    const api = await rain();
    await version(api);
    await post(api, 'registered-models/create', { name: 'copy' });
    await post(api, 'registered-models/alias', { name: 'rain', alias: 'best', version: '1' });
    for (const end of ['/1', '@best', '/None', '/latest']) {
      const made = await post(api, 'model-versions/create', { name: 'copy', source: `models:/rain${end}` });
      expect(made.body.model_version).toMatchObject({ source: 'models:/rain/1', run_id: RUN });
    }
    const uri = await get(api, 'model-versions/get-download-uri', { name: 'copy', version: '1' });
    expect(uri.body.artifact_uri).toBe(`mlflow-artifacts:/1/models/${MODEL}/artifacts`);
    const other = await post(api, 'model-versions/create', { name: 'copy', source: 'models:/rain/1', run_id: 'other' });
    expect(other).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });

  test('stages, aliases, descriptions and tags change as clients ask', async () => {
    const api = await rain();
    await version(api);
    await version(api);
    const moved = await post(api, 'model-versions/transition-stage', {
      ...{ name: 'rain', version: '1', stage: 'production' },
      archive_existing_versions: true,
    });
    expect(moved.body.model_version).toMatchObject({ version: '1', current_stage: 'Production' });
    await post(api, 'registered-models/alias', { name: 'rain', alias: 'best', version: '1' });
    expect(
      (await get(api, 'registered-models/alias', { name: 'rain', alias: 'best' })).body.model_version,
    ).toMatchObject({
      version: '1',
      aliases: ['best'],
    });
    expect(
      (await get(api, 'registered-models/alias', { name: 'rain', alias: 'latest' })).body.model_version,
    ).toMatchObject({
      version: '2',
    });
    for (const method of ['GET', 'POST'] as const) {
      const of = { name: 'rain', stages: ['production', 'Staging'] };
      const { body } = await api.call('registered-models/get-latest-versions', {
        method,
        ...(method === 'GET' ? { query: of } : { body: of }),
      });
      expect(body.model_versions?.map((each) => each.version)).toEqual(['1']);
    }
    const model = (await get(api, 'registered-models/get', { name: 'rain' })).body.registered_model;
    expect(model?.latest_versions?.map((each) => [each.version, each.current_stage])).toEqual([
      ['2', 'None'],
      ['1', 'Production'],
    ]);
    expect(model?.aliases).toEqual([{ alias: 'best', version: '1' }]);
    await api.call('registered-models/alias', { method: 'DELETE', body: { name: 'rain', alias: 'best' } });
    expect(await get(api, 'registered-models/alias', { name: 'rain', alias: 'best' })).toMatchObject({
      status: 400,
      body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'Registered model alias best not found.' },
    });
    await api.call('model-versions/update', {
      method: 'PATCH',
      body: { name: 'rain', version: '2', description: 'd' },
    });
    await post(api, 'model-versions/set-tag', { name: 'rain', version: '2', key: 'k', value: 'v' });
    await api.call('registered-models/update', { method: 'PATCH', body: { name: 'rain', description: 'whole' } });
    await post(api, 'registered-models/set-tag', { name: 'rain', key: 'k', value: 'v' });
    expect((await get(api, 'model-versions/get', { name: 'rain', version: '2' })).body.model_version).toMatchObject({
      description: 'd',
      tags: [{ key: 'k', value: 'v' }],
    });
    await api.call('model-versions/delete-tag', { method: 'DELETE', body: { name: 'rain', version: '2', key: 'k' } });
    await api.call('registered-models/delete-tag', { method: 'DELETE', body: { name: 'rain', key: 'k' } });
    const after = (await get(api, 'registered-models/get', { name: 'rain' })).body.registered_model;
    expect(after).toMatchObject({ description: 'whole' });
    expect(after?.tags).toBeUndefined();
    expect(after?.latest_versions?.[0]?.tags).toBeUndefined();
    await api.call('model-versions/delete', { method: 'DELETE', body: { name: 'rain', version: '2' } });
    expect(await get(api, 'model-versions/get', { name: 'rain', version: '2' })).toMatchObject({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Model Version (name=rain, version=2) not found' },
    });
    await post(api, 'registered-models/rename', { name: 'rain', new_name: 'snow' });
    expect((await get(api, 'model-versions/get', { name: 'snow', version: '1' })).status).toBe(200);
    await api.call('registered-models/delete', { method: 'DELETE', body: { name: 'snow' } });
    expect(await get(api, 'registered-models/get', { name: 'snow' })).toMatchObject({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Registered Model with name=snow not found' },
    });
  });

  test('what was trained shows with its run and the platform’s facts', async () => {
    const api = aRegistryApi();
    await registerModelVersion(api.catalogue, aRegistration());
    await recordLive(api.catalogue, {
      ...{ workspace: 'default', model: 'rain', rollout: 'rollout:default/one', actor: 'roll-out-model', at: AT },
      action: 'rollout-refused',
      tag: { version: 1, text: 'refused: too slow' },
    });
    expect((await get(api, 'model-versions/get', { name: 'rain', version: '1' })).body.model_version).toMatchObject({
      run_id: 'first',
      status: 'READY',
      tags: [{ key: 'millrace.rollout', value: 'refused: too slow' }],
    });
  });

  test('a copy brings the tags of the original along, but none of the platform’s', async () => {
    const api = await rain();
    await post(api, 'model-versions/create', { name: 'rain', source: 's3://b/k' });
    const tags = [
      { key: 'a', value: '1' },
      { key: 'millrace.candidate', value: 'ready' },
    ];
    const copy = { name: 'rain', source: 'models:/rain/1', tags };
    const made = (await post(api, 'model-versions/create', copy)).body.model_version?.tags ?? [];
    expect(made.filter(({ key }) => key === 'a')).toEqual([tags[0]]);
    expect(made).not.toContainEqual(tags[1]);
    const own = { name: 'rain', version: '1', ...tags[1] };
    expect((await post(api, 'model-versions/set-tag', own)).body.message).toMatch(/written by the platform only/);
  });

  test('a prompt is a model with a tag, which no search for models shows', async () => {
    const api = await rain();
    const tags = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];
    await post(api, 'registered-models/create', { name: 'greet', tags });
    const text = { key: 'mlflow.prompt.text', value: 'x'.repeat(100_000) };
    const made = await post(api, 'model-versions/create', {
      name: 'greet',
      source: 'prompt-template',
      tags: [...tags, text],
    });
    expect(made.body.model_version?.tags).toContainEqual(text);
    const elsewhere = { name: 'greet', source: 's3://b/k', tags };
    expect((await post(api, 'model-versions/create', elsewhere)).body.message).toMatch(/Invalid prompt source/);
    expect((await get(api, 'registered-models/search', {})).body.registered_models?.map(({ name }) => name)).toEqual([
      'rain',
    ]);
    const filter = "tags.`mlflow.prompt.is_prompt` = 'true'";
    expect(
      (await get(api, 'registered-models/search', { filter })).body.registered_models?.map(({ name }) => name),
    ).toEqual(['greet']);
    expect((await get(api, 'model-versions/search', {})).body.model_versions ?? []).toEqual([]);
    expect((await get(api, 'model-versions/search', { filter })).body.model_versions).toHaveLength(1);
    expect((await post(api, 'registered-models/create', { name: 'greet' })).body.message).toMatch(
      /Tried to create a registered model with name 'greet', but the name is already taken by a prompt/,
    );
  });
});
