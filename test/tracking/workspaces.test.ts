import { describe, expect, test } from '@jest/globals';
import { api } from '../../lambdas/shared/api.ts';
import { createWorkspaceEndpoint } from '../../lambdas/tracking/handlers/create-workspace.ts';
import { listWorkspacesEndpoint } from '../../lambdas/tracking/handlers/list-workspaces.ts';
import { anApiEvent } from '../builders/api-event.ts';
import { trackingServer } from '../builders/tracking-server.ts';

describe('workspaces of the tracking API', () => {
  test('share nothing: names, numbers and runs are each workspace’s own', async () => {
    const { mlflow } = trackingServer();
    const make = (workspace: string) => mlflow('POST', 'experiments/create', { name: 'rain' }, { workspace });
    await expect(make('north')).resolves.toMatchObject({ status: 200, body: { experiment_id: '1' } });
    await expect(make('south')).resolves.toMatchObject({ status: 200, body: { experiment_id: '1' } });
    const { body } = await mlflow('POST', 'runs/create', { experiment_id: '1' }, { workspace: 'north' });
    const read = (workspace: string) => mlflow('GET', 'runs/get', { run_id: body.run.info.run_id }, { workspace });
    await expect(read('north')).resolves.toMatchObject({ status: 200 });
    await expect(read('south')).resolves.toMatchObject({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    });
  });

  test('are reached by tokens that are for them, and a new one has experiment 0', async () => {
    const { mlflow } = trackingServer();
    const read = (workspaces: string[]) =>
      mlflow('GET', 'experiments/get', { experiment_id: '0' }, { workspace: 'north', workspaces });
    await expect(read(['north'])).resolves.toMatchObject({ status: 200, body: { experiment: { name: 'Default' } } });
    await expect(read(['default'])).resolves.toMatchObject({ status: 403, body: { error_code: 'PERMISSION_DENIED' } });
  });

  test('are made by operators where they do not appear on first use', async () => {
    const { mlflow, table } = trackingServer({ openWorkspaces: false });
    const handler = api([
      createWorkspaceEndpoint.with({ table, clock: () => new Date() }),
      listWorkspacesEndpoint.with({ table }),
    ]).lambda();
    const call = async (
      method: string,
      path: string,
      body?: object,
      { roles }: { roles: string } = { roles: 'scientist' },
    ) => {
      const event = anApiEvent({ method, path: `/tracking${path}`, body, caller: { roles } });
      const answer = await handler(event, {} as never);
      return { status: answer.statusCode, body: JSON.parse(answer.body) };
    };
    const read = () => mlflow('GET', 'experiments/get', { experiment_id: '0' }, { workspace: 'north' });
    await expect(read()).resolves.toMatchObject({ status: 404 });
    await expect(call('POST', '/workspaces', { workspace: 'north' })).resolves.toMatchObject({ status: 403 });
    const operator = { roles: 'operator' };
    await expect(call('POST', '/workspaces', { workspace: 'North!' }, operator)).resolves.toMatchObject({
      status: 400,
    });
    await expect(call('POST', '/workspaces', { workspace: 'north' }, operator)).resolves.toMatchObject({ status: 200 });
    await expect(call('POST', '/workspaces', { workspace: 'north' }, operator)).resolves.toMatchObject({ status: 200 });
    await expect(read()).resolves.toMatchObject({ status: 200 });
    await expect(call('GET', '/workspaces')).resolves.toMatchObject({ body: { workspaces: [{ workspace: 'north' }] } });
  });

  test('an auditor reads and does not write, an app does neither', async () => {
    const { mlflow } = trackingServer();
    const make = (role: 'auditor' | 'app') => mlflow('POST', 'experiments/create', { name: role }, { roles: [role] });
    const read = (role: 'auditor' | 'app') =>
      mlflow('GET', 'experiments/get', { experiment_id: '0' }, { roles: [role] });
    await expect(read('auditor')).resolves.toMatchObject({ status: 200 });
    await expect(make('auditor')).resolves.toMatchObject({ status: 403 });
    await expect(read('app')).resolves.toMatchObject({ status: 403 });
    await expect(make('app')).resolves.toMatchObject({ status: 403 });
  });

  test('what is no route of MLflow’s is a JSON 404 that clients understand', async () => {
    const { call } = trackingServer();
    for (const path of ['/api/3.0/mlflow/traces/search', '/api/2.0/mlflow/nothing', '/api/3.0/mlflow/workspaces']) {
      await expect(call('POST', path)).resolves.toMatchObject({
        status: 404,
        body: { error_code: 'ENDPOINT_NOT_FOUND' },
      });
    }
  });
});
