import { describe, expect, test } from '@jest/globals';
import { currentDatasetSpec } from '../../lambdas/data/contract.ts';
import { api } from '../../lambdas/shared/api.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import { applySpecEndpoint } from '../../lambdas/training/handlers/apply-spec.ts';
import { listRunsEndpoint } from '../../lambdas/training/handlers/list-runs.ts';
import { requestTrainingEndpoint } from '../../lambdas/training/handlers/request-training.ts';
import { showRunEndpoint } from '../../lambdas/training/handlers/show-run.ts';
import { showSpecEndpoint } from '../../lambdas/training/handlers/show-spec.ts';
import { type ApiEventParts, anApiEvent } from '../builders/api-event.ts';
import { aTrainingPlatform } from '../builders/training-platform.ts';
import { rainSpecText } from '../builders/training-spec.ts';

async function anApi() {
  const platform = await aTrainingPlatform();
  await platform.createWeather();
  await platform.land({ location: 'Seattle', from: '2014-12-01', to: '2015-01-31' });
  const deps = { ...platform.deps, datasetSpec: currentDatasetSpec, newId };
  const handler = api(
    [applySpecEndpoint, showSpecEndpoint, requestTrainingEndpoint, showRunEndpoint, listRunsEndpoint].map((each) =>
      each.with(deps as never),
    ),
    { logger: { info: () => {}, error: () => {} } },
  ).lambda();
  const call = async (event: ApiEventParts) => {
    const { statusCode, body } = await handler(anApiEvent(event), {} as never);
    return { statusCode, body: JSON.parse(body) };
  };
  return { platform, call };
}

const SPEC = { method: 'PUT', path: '/training/models/rain/spec' };
const RUNS = { method: 'POST', path: '/training/models/rain/runs' };
const body = { spec: rainSpecText(), commit: 'abcdef1', dirty: true };

describe('the training API', () => {
  test('applies a spec, shows it, starts a run and shows it', async () => {
    const { call, platform } = await anApi();
    const applied = await call({ ...SPEC, body });
    expect(applied).toMatchObject({ statusCode: 200, body: { commit: 'abcdef1', dirty: true } });
    expect(await call({ path: SPEC.path })).toEqual(applied);
    const started = await call({ ...RUNS, body: { dedupe: 'demo/1', reason: 'first' } });
    expect(started).toMatchObject({ statusCode: 200, body: { attempt: 1, status: 'running' } });
    const { runId } = started.body;
    expect(await call({ ...RUNS, body: { dedupe: 'demo/1' } })).toEqual(started);
    const run = await call({ path: `/training/runs/${runId}` });
    expect(run.body).toMatchObject({ runId, model: 'rain', reason: 'first', actor: 't-1', status: 'running' });
    expect(await call({ path: RUNS.path })).toEqual({ statusCode: 200, body: { runs: [run.body] } });
    expect([...platform.executions.started().keys()]).toEqual([`${runId}-1`]);
  });

  test.each([
    ['a spec with an unknown key', SPEC, { ...body, spec: `${body.spec}\nextra: 1\n` }, 400, 'SpecKeyUnknown'],
    ['a spec without a target', SPEC, { ...body, spec: 'schema: millrace/model/1' }, 400, 'SpecFieldMissing'],
    ['a commit that is none', SPEC, { ...body, commit: 'HEAD' }, 400, 'InvalidInput'],
    ['a training of a model without spec', RUNS, {}, 404, 'SpecMissing'],
    ['a dedupe key with a line break', RUNS, { dedupe: 'a\nb' }, 400, 'InvalidInput'],
    ['a version that is none', RUNS, { datasetVersion: 'not a version' }, 400, 'InvalidInput'],
  ])('%s is refused by name', async (_, route, sent, status, name) => {
    const { call } = await anApi();
    expect(await call({ ...route, body: sent })).toMatchObject({ statusCode: status, body: { name } });
  });

  test.each([
    ['/training/models/rain/spec', 'SpecMissing'],
    [`/training/runs/${'0'.repeat(32)}`, 'RunMissing'],
  ])('what is not there is missing by name: %s', async (path, name) => {
    const { call } = await anApi();
    expect(await call({ path })).toMatchObject({ statusCode: 404, body: { name } });
  });

  test('lets auditors look, and only makers act', async () => {
    const { call } = await anApi();
    const caller = { roles: 'auditor' };
    expect((await call({ ...SPEC, body, caller })).statusCode).toBe(403);
    expect((await call({ ...RUNS, body: {}, caller })).statusCode).toBe(403);
    expect((await call({ path: RUNS.path, caller })).statusCode).toBe(200);
  });
});
