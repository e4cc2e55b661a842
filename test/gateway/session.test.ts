import { describe, expect, test } from '@jest/globals';
import { authorize } from '../../lambdas/gateway/authorize.ts';
import { clearedCookie, loginCookie, presentedSession } from '../../lambdas/gateway/login-cookie.ts';
import { endSession, findSession, startSession } from '../../lambdas/gateway/session.ts';
import { createToken, listTokens, revokeToken } from '../../lambdas/gateway/token.ts';
import { callerOf } from '../../lambdas/shared/caller.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import { type AuthorizerRequestParts, anAuthorizerRequest } from '../builders/authorizer-request.ts';
import { memoryTable } from '../fakes/memory-table.ts';

/** Somebody who has logged in, and what the authorizer says to their browser. */
async function aLogin({ expiresInDays }: { expiresInDays?: number } = {}) {
  const clock = { now: new Date('2026-01-01T00:00:00Z') };
  const table = memoryTable();
  const deps = { table, clock: () => clock.now, newId };
  const token = await createToken(deps, { name: 'ada', roles: ['scientist'], workspaces: ['default'], expiresInDays });
  const { session, seconds } = await startSession(deps, token.tokenId);
  const ask = (parts: AuthorizerRequestParts & { session?: string } = {}) => {
    const cookie = `other=1; __Host-millrace=${parts.session ?? session}; more=2`;
    return authorize(
      deps,
      anAuthorizerRequest({ path: '/tracking/graphql', ...parts, headers: { Cookie: cookie, ...parts.headers } }),
    );
  };
  return { clock, table, deps, token, session, seconds, ask };
}
const own = { Origin: 'https://mill.example' };

describe('a session', () => {
  test('has the rights of its token, at paths of the tracking API', async () => {
    const { ask, token } = await aLogin();
    expect((await ask())?.context).toEqual({ tokenId: token.tokenId, roles: 'scientist', workspaces: 'default' });
  });

  test('is known by its hash only, and cleared up by the table by a number', async () => {
    const { table, session, seconds } = await aLogin();
    const stored = table.items().find(({ pk }) => pk === 'sessions');
    expect(stored).toMatchObject({ expiresAt: Date.parse('2026-01-01T12:00:00Z') / 1000 });
    expect(seconds).toBe(12 * 3600);
    expect(JSON.stringify(table.items())).not.toContain(session.slice(4));
    expect(await listTokens(table)).toHaveLength(1);
  });

  test.each(['/data/datasets', '/gateway/tokens', '/trackings', '/', '/lineage/tracking/x'])(
    'is nobody at %s',
    async (path) => {
      expect(await (await aLogin()).ask({ path })).toBeUndefined();
    },
  );

  test('is nobody on the inference API, also for an endpoint named tracking', async () => {
    const { ask } = await aLogin();
    expect(await ask({ api: 'inference' })).toBeUndefined();
    expect(await ask({ api: 'inference', path: '/tracking/health' })).toBeUndefined();
  });

  test.each(['', 'mls_', 'mls_x', `mls_${'x'.repeat(43)}`, `mlr_${'0'.repeat(26)}_${'x'.repeat(43)}`])(
    'is not proved by %j',
    async (session) => {
      expect(await (await aLogin()).ask({ session })).toBeUndefined();
    },
  );

  test('ends with its token, when that is revoked', async () => {
    const { ask, deps, token } = await aLogin();
    await revokeToken(deps, token.tokenId);
    expect((await ask())?.context).toMatchObject({ roles: '', workspaces: '', refusal: 'TokenRevoked' });
  });

  test('ends with its token, when that expires', async () => {
    const { ask, clock } = await aLogin({ expiresInDays: 0.1 });
    clock.now = new Date('2026-01-01T03:00:00Z');
    expect((await ask())?.context).toMatchObject({ roles: '', refusal: 'TokenExpired' });
  });

  test('ends twelve hours after its start, and the function says when that was', async () => {
    const { ask, clock, token } = await aLogin();
    clock.now = new Date('2026-01-01T11:59:59Z');
    expect((await ask())?.context).toMatchObject({ roles: 'scientist' });
    clock.now = new Date('2026-01-01T12:00:00Z');
    const answer = await ask();
    expect(answer?.context).toMatchObject({ roles: '', workspaces: '' });
    expect(() => callerOf({ requestContext: { authorizer: answer?.context } } as never)).toThrow(
      expect.objectContaining({
        name: 'SessionEnded',
        kind: 'unauthenticated',
        message: `the login with token ${token.tokenId} ended at 2026-01-01T12:00:00.000Z`,
      }),
    );
  });

  test('that its owner ended is nobody, and ending it again is fine', async () => {
    const { ask, table, session } = await aLogin();
    for (let i = 0; i < 2; i++) await endSession(table, session);
    expect(await ask()).toBeUndefined();
    expect(await findSession(table, session)).toBeUndefined();
  });

  test('gives way to a token in the Authorization header, whatever that is', async () => {
    const { ask, token, deps } = await aLogin();
    const other = await createToken(deps, { name: 'bob', roles: ['auditor'], workspaces: ['default'] });
    expect((await ask({ headers: { Authorization: `Bearer ${other.token}` } }))?.context).toMatchObject({
      tokenId: other.tokenId,
    });
    expect(await ask({ headers: { Authorization: `Bearer ${token.token}x` } })).toBeUndefined();
  });
});

describe('a change that a browser asks for', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('by %s has to come from the own host', async (method) => {
    const { ask } = await aLogin();
    expect((await ask({ method, headers: own }))?.context).toMatchObject({ roles: 'scientist' });
    for (const headers of [{}, { Origin: 'https://evil.example' }] as Record<string, string>[])
      expect((await ask({ method, headers }))?.context).toMatchObject({ roles: '', refusal: 'OriginRefused' });
  });

  test.each(['GET', 'HEAD'])('is not asked for by %s', async (method) => {
    const { ask } = await aLogin();
    expect((await ask({ method, headers: { Origin: 'https://evil.example' } }))?.context).toMatchObject({
      roles: 'scientist',
    });
  });

  test('with a token may come from a program, which says no origin, and not from a foreign page', async () => {
    const { ask, token } = await aLogin();
    const post = (headers: Record<string, string>, api?: 'inference') =>
      ask({ method: 'POST', headers: { Authorization: `Bearer ${token.token}`, ...headers }, ...(api && { api }) });
    expect((await post({}))?.context).toMatchObject({ roles: 'scientist' });
    expect((await post(own))?.context).toMatchObject({ roles: 'scientist' });
    const foreign = await post({ Origin: 'https://evil.example' });
    expect(foreign?.context).toMatchObject({ roles: '', refusal: 'OriginRefused' });
    expect(() => callerOf({ requestContext: { authorizer: foreign?.context } } as never)).toThrow(
      expect.objectContaining({ name: 'OriginRefused', kind: 'denied', message: expect.stringContaining('evil') }),
    );
    // An answer that is remembered for every request of the token must not depend on one request's page.
    expect((await post({ Origin: 'https://evil.example' }, 'inference'))?.context).toMatchObject({
      roles: 'scientist',
    });
  });
});

describe('the login cookie', () => {
  test('is for this host alone, encrypted, out of reach of scripts and of other sites', () => {
    const attributes = ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict'];
    expect(loginCookie('mls_x', 60).split('; ')).toEqual(['__Host-millrace=mls_x', 'Max-Age=60', ...attributes]);
    expect(clearedCookie().split('; ')).toEqual(['__Host-millrace=', 'Max-Age=0', ...attributes]);
  });

  test('is found among others, in one header or several, and by its whole name', () => {
    expect(presentedSession({ headers: { cookie: 'a=b; __Host-millrace=x' } })).toBe('x');
    expect(presentedSession({ multiValueHeaders: { Cookie: ['a=b', '__Host-millrace=y; c=d'] } })).toBe('y');
    expect(presentedSession({ headers: { cookie: 'x__Host-millrace=x; millrace=y' } })).toBeUndefined();
  });
});
