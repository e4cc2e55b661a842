import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import fc from 'fast-check';
import { logInPage } from '../../lambdas/gateway/handlers/log-in.ts';
import { logOutPage } from '../../lambdas/gateway/handlers/log-out.ts';
import { showLoginPage } from '../../lambdas/gateway/handlers/show-login.ts';
import { NextPath } from '../../lambdas/gateway/next-path.ts';
import { findSession } from '../../lambdas/gateway/session.ts';
import { createToken, revokeToken } from '../../lambdas/gateway/token.ts';
import { api } from '../../lambdas/shared/api.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import type { Role } from '../../lambdas/shared/route.ts';
import { type ApiEventParts, anApiEvent } from '../builders/api-event.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const FORM = {
  host: 'mill.example',
  origin: 'https://mill.example',
  'content-type': 'application/x-www-form-urlencoded',
};

function aGateway() {
  const clock = { now: new Date('2026-01-01T00:00:00Z') };
  const table = memoryTable();
  const deps = { table, clock: () => clock.now, newId };
  const logger = recordingLogger();
  const pages = [showLoginPage.with({}), logInPage.with(deps), logOutPage.with({ table })];
  const handler = api(pages, { logger }).lambda();
  const ask = async (parts: ApiEventParts) =>
    (await handler(
      anApiEvent({ path: '/tracking/login', caller: null, ...parts }),
      {} as Context,
    )) as APIGatewayProxyResult;
  const logIn = (token: string, parts: ApiEventParts = {}) =>
    ask({ method: 'POST', headers: FORM, body: new URLSearchParams({ token }).toString(), ...parts });
  const aToken = (roles: Role[] = ['scientist'], expiresInDays?: number) =>
    createToken(deps, { name: 'ada', roles, workspaces: ['default'], expiresInDays });
  return { clock, deps, table, logger, ask, logIn, aToken };
}

describe('the login page', () => {
  test('asks for a token, with a name for its field, and carries no script and nothing from elsewhere', async () => {
    const { statusCode, headers, body } = await aGateway().ask({});
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
    });
    expect(headers?.['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(body).toContain('<label for="token">');
    expect(body).not.toMatch(/<script|https?:|src=|\son\w+=|role="alert"/);
  });

  test('says to somebody who is logged in with which token, and lets them out', async () => {
    const { body } = await aGateway().ask({ caller: {}, query: { next: 't/team-a/?a=1&b=2' } });
    expect(body).toContain('<code>t-1</code>');
    expect(body).toContain('href="./t/team-a/?a=1&amp;b=2"');
    expect(body).toContain('action="logout"');
  });

  test('has who comes from another site go on from here, since their browser kept the cookie back', async () => {
    const { ask } = aGateway();
    const headers = { 'sec-fetch-site': 'cross-site' };
    const answer = await ask({ headers, query: { next: 't/team-a/' } });
    const [, script = ''] = /<script>(.*)<\/script>/.exec(answer.body) ?? [];
    const hash = createHash('sha256').update(script).digest('base64');
    expect(answer.headers?.['content-security-policy']).toContain(`script-src 'sha256-${hash}';`);
    expect(answer.body).toContain('<a id="on" href="./t/team-a/">');
    for (const site of ['same-origin', 'same-site', 'none'])
      expect((await ask({ headers: { 'sec-fetch-site': site } })).body).toContain('name="token"');
    expect((await ask({ headers, caller: {} })).body).toContain('Log out');
  });

  test('takes somebody whose credential was refused for nobody', async () => {
    const caller = { refusal: 'TokenRevoked' } as ApiEventParts['caller'];
    expect((await aGateway().ask({ caller })).body).toContain('name="token"');
  });
});

describe('logging in', () => {
  test('takes a token for a session and leads to the UI, by an address that holds behind any host', async () => {
    const { logIn, aToken, table } = aGateway();
    const { token, tokenId } = await aToken();
    const { statusCode, headers, body } = await logIn(` ${token}\n`, { query: { next: 't/team-a/' } });
    expect([statusCode, headers?.['location'], body]).toEqual([303, './t/team-a/', '']);
    const [, session = ''] =
      /^__Host-millrace=(mls_[\w-]+); Max-Age=43200; /.exec(String(headers?.['set-cookie'])) ?? [];
    expect(await findSession(table, session)).toMatchObject({ token: { tokenId, roles: ['scientist'] } });
    expect((await logIn(token)).headers?.['location']).toBe('./');
  });

  test('reads a form that the gateway has encoded', async () => {
    const { ask, aToken } = aGateway();
    const body = Buffer.from(new URLSearchParams({ token: (await aToken()).token }).toString()).toString('base64');
    expect((await ask({ method: 'POST', headers: FORM, body, isBase64Encoded: true })).statusCode).toBe(303);
  });

  test.each([
    ['', 401, 'no token that is known'],
    ['mlr_nobody', 401, 'no token that is known'],
    [`mlr_${'0'.repeat(26)}_${'x'.repeat(43)}`, 401, 'no token that is known'],
  ])('gives the form again for the token %j', async (text, status, why) => {
    const { logIn, table } = aGateway();
    const { statusCode, headers, body } = await logIn(text);
    expect(statusCode).toBe(status);
    expect(body).toMatch(new RegExp(`<p class="error" id="error" role="alert">[^<]*${why}`));
    expect(body).toContain('aria-invalid="true" aria-describedby="error"');
    expect(headers).not.toHaveProperty('set-cookie');
    expect(table.items()).toEqual([]);
  });

  test('says when a token has ended', async () => {
    const { logIn, aToken, deps, clock } = aGateway();
    const revoked = await aToken();
    await revokeToken(deps, revoked.tokenId);
    const short = await aToken(['scientist'], 1);
    clock.now = new Date('2026-01-03T00:00:00Z');
    for (const [{ token, tokenId }, word] of [
      [revoked, 'was revoked at 2026-01-01'],
      [short, 'expired at 2026-01-02'],
    ] as const) {
      const { statusCode, body } = await logIn(token);
      expect([statusCode, body.includes(`The token ${tokenId} ${word}`)]).toEqual([401, true]);
    }
  });

  test('is for everyone but apps', async () => {
    const { logIn, aToken } = aGateway();
    for (const role of ['scientist', 'engineer', 'operator', 'approver', 'auditor'] as const)
      expect([role, (await logIn((await aToken([role])).token)).statusCode]).toEqual([role, 303]);
    const { statusCode, body, headers } = await logIn((await aToken(['app'])).token);
    expect([statusCode, body.includes('the roles app')]).toEqual([403, true]);
    expect(headers).not.toHaveProperty('set-cookie');
  });

  test('writes no token and no session into the log', async () => {
    const { logIn, aToken, logger } = aGateway();
    const { token } = await aToken();
    const session = /mls_[\w-]+/.exec(String((await logIn(token)).headers?.['set-cookie']))?.[0] as string;
    await logIn(`${token}x`);
    const text = JSON.stringify(logger.lines);
    expect(logger.lines.length).toBeGreaterThan(1);
    expect(text).not.toContain(token);
    expect(text).not.toContain(session);
  });

  test.each([
    [{ origin: 'https://evil.example' }, 403, 'OriginRefused'],
    [{ origin: undefined }, 403, 'OriginRefused'],
    [{ 'content-type': 'text/plain' }, 400, 'content-type'],
    [{ 'content-type': 'application/json' }, 400, 'content-type'],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, 400, 'content-type'],
    [{ 'content-type': undefined }, 400, 'content-type'],
  ])('is refused with the headers %j', async (changed, status, word) => {
    const { logIn, aToken, table } = aGateway();
    const headers = { ...FORM, ...changed } as Record<string, string>;
    const { statusCode, body } = await logIn((await aToken()).token, { headers });
    expect([statusCode, body.includes(word)]).toEqual([status, true]);
    expect(table.items()).toHaveLength(1);
  });

  test('refuses a form that is too large to be one', async () => {
    const { statusCode, body } = await aGateway().logIn('x'.repeat(5000));
    expect([statusCode, body.includes('BodyTooLarge')]).toEqual([413, true]);
  });
});

describe('where a login leads', () => {
  const base = 'https://mill.example/v1/tracking/login';
  const reached = (next: string) => new URL(`./${next}`, base);

  test.each(['', 't/team-a/', 'static-files/x.js', 'get-artifact?path=a%2Fb&run_uuid=1'])('may be %j', (next) => {
    expect(NextPath.parse(next)).toBe(next);
    expect(reached(next).href).toBe(`https://mill.example/v1/tracking/${next}`);
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/',
    'https://evil.example',
    'https:evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '../',
    't/../../x',
    '..',
    './/evil.example',
    '%2f%2fevil.example',
    '%2e%2e/',
    't//evil.example',
    '@evil.example',
    'a b',
    'a\r\nset-cookie: x=y',
    '\tjavascript:x',
    '?next=https://evil.example',
    '#x',
    'x'.repeat(1001),
  ])('may not be %j', async (next) => {
    const { ask, logIn, aToken } = aGateway();
    for (const answer of [await ask({ query: { next } }), await logIn((await aToken()).token, { query: { next } })]) {
      expect(answer).toMatchObject({ statusCode: 400, headers: { 'content-type': 'application/json' } });
      expect(JSON.parse(answer.body)).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
    }
  });

  test('stays below the tracking URI whatever is asked for', () => {
    const piece = fc.constantFrom(
      ...['t', '/', '\\', '.', '..', ':', '@', '?', '=', '%2f', 'evil.example', 'javascript', ' ', '\t', '#', '&', '-'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const next = pieces.join('');
        if (!NextPath.safeParse(next).success) return;
        const { origin, pathname } = reached(next);
        expect([origin, pathname.startsWith('/v1/tracking/')]).toEqual(['https://mill.example', true]);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('logging out', () => {
  test('ends the session and takes the cookie back', async () => {
    const { logIn, aToken, ask, table } = aGateway();
    const cookie = String((await logIn((await aToken()).token)).headers?.['set-cookie']).split(';')[0] as string;
    const out = { method: 'POST', path: '/tracking/logout', caller: {}, headers: { ...FORM, cookie } };
    for (let i = 0; i < 2; i++) {
      const { statusCode, headers } = await ask(out);
      expect([statusCode, headers?.['location']]).toEqual([303, './login']);
      expect(headers?.['set-cookie']).toContain('__Host-millrace=; Max-Age=0;');
    }
    expect(table.items().filter(({ pk }) => pk === 'sessions')).toEqual([]);
  });

  test('is for who is logged in, by a form of this host', async () => {
    const { ask } = aGateway();
    const out = { method: 'POST', path: '/tracking/logout', headers: FORM };
    expect((await ask({ ...out, caller: null })).statusCode).toBe(401);
    expect((await ask({ ...out, caller: {}, headers: { ...FORM, origin: 'null' } })).statusCode).toBe(403);
    expect((await ask({ ...out, method: 'GET', caller: {} })).statusCode).toBe(404);
  });
});
