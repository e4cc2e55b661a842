import { describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import * as z from 'zod';
import { api } from '../../lambdas/shared/api.ts';
import { endpoint, type Request } from '../../lambdas/shared/endpoint.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import { route } from '../../lambdas/shared/route.ts';
import { type ApiEventParts, anApiEvent } from '../builders/api-event.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

interface Kettles {
  boil(name: string): string;
}

/** A small domain: one verb that reads and one that writes. */
function aKitchen() {
  const seen: { input: unknown; request: Request }[] = [];
  const Env = z.object({ KETTLE_TABLE: z.string() });
  const wire = (): Kettles => ({ boil: (name) => `${name} boils` });
  const show = endpoint({
    route: route<{ text: string }>()({
      method: 'GET',
      path: '/kitchen/kettles/{kettle}',
      roles: ['scientist', 'auditor'],
      input: z.strictObject({ kettle: z.string(), cups: z.coerce.number().default(1) }),
    }),
    env: Env,
    wire,
    run: async ({ boil }, input, request) => {
      seen.push({ input, request });
      if (input.kettle === 'missing') throw SharedErrors.ServiceUnavailable('kettle: it leaks');
      if (input.kettle === 'bug') throw new TypeError('secret detail of the inside');
      return { text: boil(input.kettle) };
    },
  });
  const fill = endpoint({
    route: route<void>()({
      method: 'PUT',
      path: '/kitchen/kettles/{kettle}',
      roles: ['engineer'],
      input: z.strictObject({ kettle: z.string(), litres: z.number() }),
    }),
    env: Env,
    wire,
    run: async (_, input, request) => void seen.push({ input, request }),
  });
  const logger = recordingLogger();
  const deps: Kettles = { boil: (name) => `${name} boils in a test` };
  const handler = api([show.with(deps), fill.with(deps)], { logger }).lambda();
  const call = async (parts: ApiEventParts, changed: Partial<APIGatewayProxyEvent> = {}) => {
    const event = { ...anApiEvent({ path: '/kitchen/kettles/blue', ...parts }), ...changed };
    const answer = (await handler(event, {} as Context)) as APIGatewayProxyResult;
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: JSON.parse(answer.body) as Record<string, unknown>,
    };
  };
  return { call, seen, logger };
}

describe('an endpoint', () => {
  test('gives its rule path values, query and caller, and answers with what the rule says', async () => {
    const { call, seen } = aKitchen();
    const answer = await call({ query: { cups: '2' }, headers: { 'X-Millrace-Workspace': 'research' } });
    expect(answer).toMatchObject({ status: 200, body: { text: 'blue boils in a test' } });
    expect(answer.headers).toEqual({
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(seen).toEqual([
      {
        input: { kettle: 'blue', cups: 2 },
        request: { workspace: 'research', caller: { tokenId: 't-1', roles: ['scientist'], workspaces: ['*'] } },
      },
    ]);
  });

  test('takes a body, also in base64, and answers {} where the rule says nothing', async () => {
    const { call, seen } = aKitchen();
    const caller = { roles: 'engineer' };
    expect(await call({ method: 'PUT', body: { litres: 1.5 }, caller })).toMatchObject({ status: 200, body: {} });
    const encoded = Buffer.from('{"litres":2}').toString('base64');
    expect(await call({ method: 'PUT', body: encoded, caller }, { isBase64Encoded: true })).toMatchObject({
      status: 200,
    });
    expect(seen.map(({ input }) => input)).toEqual([
      { kettle: 'blue', litres: 1.5 },
      { kettle: 'blue', litres: 2 },
    ]);
  });

  test('the path decides over the body', async () => {
    const { call, seen } = aKitchen();
    await call({ method: 'PUT', body: { kettle: 'red', litres: 1 }, caller: { roles: 'engineer' } });
    expect(seen[0]?.input).toMatchObject({ kettle: 'blue' });
  });

  const engineer = { roles: 'engineer' };
  test.each<[string, ApiEventParts, number, string, RegExp]>([
    ['without a token', { caller: null }, 401, 'TokenMissing', /no API token/],
    [
      'with the wrong role',
      { caller: { roles: 'app' } },
      403,
      'RoleMissing',
      /has the roles app, .* scientist, auditor/,
    ],
    ['without any role', { caller: { roles: '' } }, 403, 'RoleMissing', /has the roles none/],
    ['for another workspace', { caller: { workspaces: 'a,b' } }, 403, 'WorkspaceDenied', /workspace default/],
    [
      'for a workspace that is no name',
      { headers: { 'x-millrace-workspace': '../other' } },
      400,
      'InvalidInput',
      /x-millrace-workspace: got "\.\.\/other"/,
    ],
    ['with an unknown key', { query: { sugar: '1' } }, 400, 'InvalidInput', /sugar/],
    ['with a value of the wrong type', { query: { cups: 'many' } }, 400, 'InvalidInput', /cups: got "many"/],
    [
      'that is not JSON',
      { method: 'PUT', body: '{litres', caller: engineer },
      400,
      'InvalidInput',
      /body: is not JSON/,
    ],
    ['that is a list', { method: 'PUT', body: '[1]', caller: engineer }, 400, 'InvalidInput', /not an object/],
    [
      'that is too large',
      { method: 'PUT', body: 'x'.repeat(1_000_001), caller: engineer },
      413,
      'BodyTooLarge',
      /got 1000001 characters/,
    ],
    [
      'that is nested too deep',
      { method: 'PUT', body: `{"litres":${'['.repeat(400_000)}${']'.repeat(400_000)}}`, caller: engineer },
      400,
      'InvalidInput',
      /body: is nested deeper than 32 levels/,
    ],
    ['to an unknown path', { path: '/kitchen/spoons' }, 404, 'RouteMissing', /no such route$/],
    ['with an unknown method', { method: 'DELETE' }, 404, 'RouteMissing', /the path takes GET, PUT/],
    ['that the rule refuses', { path: '/kitchen/kettles/missing' }, 503, 'ServiceUnavailable', /it leaks/],
  ])('answers a request %s with its own status and name', async (_, parts, status, name, message) => {
    const { call } = aKitchen();
    const answer = await call(parts);
    expect(answer).toMatchObject({ status, body: { name, message: expect.stringMatching(message) } });
    expect(answer.body['error_code']).toMatch(/^[A-Z_]+$/);
  });

  test('checks who calls before what they say', async () => {
    const { call } = aKitchen();
    expect(await call({ caller: null, query: { cups: 'many' } })).toMatchObject({ status: 401 });
    expect(await call({ caller: { roles: 'app' }, query: { cups: 'many' } })).toMatchObject({ status: 403 });
  });

  test('a key such as __proto__ changes nothing', async () => {
    const { call } = aKitchen();
    const body = '{"litres": 1, "__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}';
    expect(await call({ method: 'PUT', body, caller: engineer })).toMatchObject({ status: 400 });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('an API', () => {
  test('logs one line a request, without query, body or token', async () => {
    const { call, logger } = aKitchen();
    await call({ query: { cups: '2' } });
    await call({ caller: null });
    expect(logger.lines).toEqual([
      { level: 'info', message: 'request', fields: { method: 'GET', path: '/kitchen/kettles/blue', status: 200 } },
      {
        // Nothing for operators to do.
        level: 'info',
        message: 'request',
        fields: expect.objectContaining({ status: 401, error: 'TokenMissing', requestId: 'request-1' }),
      },
    ]);
  });

  test('keeps the details of a fault to its log', async () => {
    const { call, logger } = aKitchen();
    const answer = await call({ path: '/kitchen/kettles/bug' });
    expect(answer).toMatchObject({ status: 500, body: { error_code: 'INTERNAL_ERROR', name: 'Unexpected' } });
    expect(JSON.stringify(answer.body)).not.toContain('secret detail');
    expect(logger.lines[0]).toMatchObject({ level: 'error' });
    expect(logger.lines[0]?.fields).toMatchObject({ reason: 'secret detail of the inside' });
    expect(logger.lines[0]?.fields['stack']).toContain('TypeError');
  });
});
