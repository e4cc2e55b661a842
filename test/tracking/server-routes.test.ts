import { describe, expect, test } from '@jest/globals';
import { mlflowApi, mount } from '../../lambdas/tracking/mlflow-api.ts';
import { routesOf } from '../../lambdas/tracking/mlflow-route.ts';
import { anApiEvent } from '../builders/api-event.ts';
import { trackingServer } from '../builders/tracking-server.ts';

describe('what the server says about itself', () => {
  const { call } = trackingServer();

  test.each([
    ['/health', 'OK'],
    ['/version', '3.17.2'],
  ])('is text that nobody needs a token for: %s', async (path, text) => {
    const answer = await call('GET', path, {}, { roles: [], workspaces: [] });
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([
      200,
      text,
      'text/plain; charset=utf-8',
    ]);
  });

  test.each(['api', 'ajax-api'])('tells clients and the UI what it can do: %s', async (prefix) => {
    const { status, body } = await call('GET', `/${prefix}/3.0/mlflow/server-info`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ store_type: 'SqlStore', workspaces_enabled: false, multipart_uploads_enabled: true });
  });

  test('wants nothing to be told about who does what in the UI', async () => {
    const { body } = await call('GET', '/ajax-api/3.0/mlflow/ui-telemetry');
    expect(body).toEqual({ disable_ui_telemetry: true, disable_ui_events: [], ui_rollout_percentage: 0 });
    expect((await call('POST', '/ajax-api/3.0/mlflow/ui-telemetry', { records: [] })).body).toEqual({
      status: 'disabled',
    });
  });

  test('has clients stop sending spans, in the words that they look for', async () => {
    const { status, text } = await call('POST', '/v1/traces', 'bytes', {
      headers: { 'content-type': 'application/x-protobuf' },
    });
    expect(status).toBe(501);
    expect(JSON.parse(text)).toEqual({
      error_code: 'NOT_IMPLEMENTED',
      message: expect.stringContaining('REST OTLP span logging is not supported'),
    });
  });

  test.each([
    'GET /ajax-api/3.0/mlflow/assistant/config',
    'POST /api/3.0/mlflow/traces',
    'GET /ajax-api/3.0/mlflow/gateway/secrets/list',
  ])('has no %s, and says so in JSON', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const { status, body } = await call(method, path);
    expect([status, body.error_code]).toEqual([404, 'ENDPOINT_NOT_FOUND']);
  });
});

test.each([
  // Of a text each quote is two characters in what Lambda hands on, and four where it is quoted already.
  ['quotes', '"'.repeat(1_570_000), 200],
  ['more quotes', '"'.repeat(1_573_000), 400],
  ['letters', 'é'.repeat(3_142_000), 200],
  ['more letters', 'é'.repeat(3_145_000), 400],
])('an answer of %s is sent while Lambda takes it, and refused by name above', async (_, text, status) => {
  const path = '/mlflow/answer';
  const route = routesOf<object>()({ method: 'GET', path, access: 'public', run: async () => ({ text }) });
  const handler = mlflowApi({ routes: mount([route], () => ({})), requireKnown: async () => {} });
  const answer = await handler(anApiEvent({ method: 'GET', path: `/tracking/api/2.0${path}` }));
  expect(answer.statusCode).toBe(status);
  if (status === 400) expect(JSON.parse(answer.body)).toMatchObject({ name: 'AnswerTooLarge' });
});
