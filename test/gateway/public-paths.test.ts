import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { authorize } from '../../lambdas/gateway/authorize.ts';
import { PUBLIC_PATHS } from '../../lambdas/gateway/contract.ts';
import { isPublic } from '../../lambdas/gateway/public-paths.ts';
import { startSession } from '../../lambdas/gateway/session.ts';
import { createToken, revokeToken } from '../../lambdas/gateway/token.ts';
import { callerOf } from '../../lambdas/shared/caller.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import { anAuthorizerRequest } from '../builders/authorizer-request.ts';
import { everyRoute } from '../builders/every-route.ts';
import { memoryTable } from '../fakes/memory-table.ts';

function aGateway() {
  const clock = { now: new Date('2026-01-01T00:00:00Z') };
  const table = memoryTable();
  const deps = { table, clock: () => clock.now, newId };
  const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
    authorize(deps, anAuthorizerRequest({ method, path, headers }));
  return { clock, deps, ask };
}

const EXAMPLES = PUBLIC_PATHS.map(([method, path]) => ({
  method,
  path: path.replace('{workspace}', 'team-a').replace('{file+}', 'static/js/main.0a1b2c3d.chunk.js'),
}));

describe('a public path', () => {
  test.each(EXAMPLES)('lets $method $path through as nobody, for this one request', async ({ method, path }) => {
    const answer = await aGateway().ask(method, path);
    expect(answer).toEqual({
      principalId: 'nobody',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Action: 'execute-api:Invoke',
            Effect: 'Allow',
            Resource: `arn:aws:execute-api:us-east-1:000000000000:abc/v1/${method}${path}`,
          },
        ],
      },
      context: {},
    });
    expect(() => callerOf({ requestContext: { authorizer: answer?.context } } as never)).toThrow(
      expect.objectContaining({ name: 'TokenMissing' }),
    );
  });

  test('knows a caller who shows a credential', async () => {
    const { ask, deps } = aGateway();
    const { token, tokenId } = await createToken(deps, { name: 'a', roles: ['auditor'], workspaces: ['default'] });
    const { session } = await startSession(deps, tokenId);
    const shown: Record<string, string>[] = [
      { Authorization: `Bearer ${token}` },
      { Cookie: `__Host-millrace=${session}` },
    ];
    for (const headers of shown) expect((await ask('GET', '/tracking/', headers))?.context).toMatchObject({ tokenId });
  });

  test('takes a credential that proves nothing, or a login that is over, for nobody', async () => {
    const { ask, deps, clock } = aGateway();
    const { tokenId, token } = await createToken(deps, { name: 'a', roles: ['auditor'], workspaces: ['default'] });
    const { session } = await startSession(deps, tokenId);
    expect((await ask('GET', '/tracking/', { Authorization: 'Bearer x' }))?.context).toEqual({});
    expect((await ask('GET', '/tracking/', { Cookie: '__Host-millrace=x' }))?.context).toEqual({});
    clock.now = new Date('2026-01-02T00:00:00Z');
    expect((await ask('GET', '/tracking/', { Cookie: `__Host-millrace=${session}` }))?.context).toEqual({});
    // Who shows a token that has ended is told so, there as elsewhere.
    await revokeToken(deps, tokenId);
    expect((await ask('GET', '/tracking/', { Authorization: `Bearer ${token}` }))?.context).toMatchObject({
      refusal: 'TokenRevoked',
    });
  });
});

/** Paths that look like public ones, and what a server might take them for. */
const LOOKALIKES: readonly [string, string][] = [
  ['POST', '/tracking/health'],
  ['HEAD', '/tracking/health'],
  ['get', '/tracking/health'],
  ['GET', '/tracking/health/'],
  ['GET', '/tracking/Health'],
  ['GET', '//tracking/health'],
  ['GET', '/tracking//health'],
  ['GET', '/tracking/health?x=1'],
  ['GET', '/tracking/health;x'],
  ['GET', '/tracking/health%2f'],
  ['GET', '/tracking/health\n'],
  ['GET', '/data/tracking/health'],
  ['PUT', '/tracking/login'],
  ['GET', '/tracking/logout'],
  ['POST', '/tracking/logout'],
  ['POST', '/tracking/'],
  ['GET', '/tracking/t//'],
  ['GET', '/tracking/t/../'],
  ['GET', '/tracking/t/team-a/api/2.0/mlflow/runs/get'],
  ['GET', '/tracking/t/team-a/health'],
  ['GET', '/tracking/t/team-a/t/team-b/'],
  ['GET', '/tracking/static-files/'],
  ['GET', '/tracking/static-files/../api/2.0/mlflow/runs/get'],
  ['GET', '/tracking/static-files/..%2fapi'],
  ['GET', '/tracking/static-files/%2e%2e/api'],
  ['GET', '/tracking/static-files/a//b'],
  ['GET', '/tracking/static-files/a\\..\\b'],
  ['GET', '/tracking/static-files/.env'],
  ['GET', '/tracking/graphql'],
  ['POST', '/tracking/graphql'],
  ['GET', '/tracking/get-artifact'],
  ['GET', '/tracking/api/2.0/mlflow/experiments/search'],
  ['GET', '/'],
  ['GET', ''],
];

test('the routes that need no credential by their own table are those on the list, and no other route is', async () => {
  const routes = await everyRoute();
  expect(routes.length).toBeGreaterThan(60);
  expect(routes.filter((each) => each.isPublic !== isPublic(each.method, each.path))).toEqual([]);
});

test.each<[string, Record<string, string>]>([
  ['no credential', {}],
  ['an unknown token', { Authorization: `Bearer mlr_${'0'.repeat(26)}_${'x'.repeat(43)}` }],
  ['an unknown cookie', { Cookie: `__Host-millrace=mls_${'x'.repeat(43)}` }],
])('every route that is not public is refused %s', async (_, headers) => {
  const { ask } = aGateway();
  for (const { method, path, isPublic: isOpen } of await everyRoute())
    if (!isOpen) expect([method, path, await ask(method, path, headers)]).toEqual([method, path, undefined]);
});

describe('what is not on the list', () => {
  test.each(LOOKALIKES)('is refused without a credential: %s %j', async (method, path) => {
    expect(await aGateway().ask(method, path)).toBeUndefined();
  });

  test('is refused whatever else the path is', () => {
    const segment = fc.constantFrom(
      ...['tracking', 'static-files', 't', 'login', 'health', 'version', '..', '.', '', 'a', '%2e%2e', 'api', 'A.js'],
    );
    const listed = [
      /^\/tracking(\/|\/health|\/version|\/login)?$/,
      /^\/tracking\/t\/[a-z0-9][a-z0-9-]*\/?$/,
      /^\/tracking\/(t\/[a-z0-9][a-z0-9-]*\/)?static-files\/.+[^/]$/,
    ];
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 6 }), fc.constantFrom('GET', 'POST', 'DELETE'), (parts, method) => {
        const path = `/${parts.join('/')}`;
        if (!isPublic(method, path)) return;
        expect(listed.some((each) => each.test(path))).toBe(true);
        expect(path).not.toMatch(/\.\.|%|\/\/|\/\./);
        expect(method === 'GET' || path === '/tracking/login').toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
