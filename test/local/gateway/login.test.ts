import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GatewayRoutes, PUBLIC_PATHS } from '../../../lambdas/gateway/contract.ts';
import { type Browser, chromium, openBrowser } from '../browser.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

const cloud = cloudUnderTest();
const at = (path: string) => `${cloud.control.replace(/\/$/, '')}${path}`;
const host = new URL(cloud.control).host;
const origin = new URL(cloud.control).origin;
const LOGIN = at('/tracking/login');
const FORM = { origin, 'content-type': 'application/x-www-form-urlencoded' };

const send = (url: string, init: RequestInit = {}) => fetch(url, { redirect: 'manual', ...init });
const post = (token: string, headers: Record<string, string> = FORM, next = '') =>
  send(`${LOGIN}?next=${encodeURIComponent(next)}`, { method: 'POST', headers, body: new URLSearchParams({ token }) });
const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';
const aToken = (roles: ('auditor' | 'scientist' | 'app')[] = ['scientist']) =>
  cloud.api.call(GatewayRoutes.createToken, { name: 'browser', roles, workspaces: ['default'] });

describe('the login page on the local cloud', () => {
  test('needs no credential, and is HTML that nothing may be put into', async () => {
    const response = await send(LOGIN);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).toContain('API token');
  });

  test('takes a token for a cookie, which tells the tracking API alone who it is, until the token is revoked', async () => {
    const { token, tokenId } = await aToken();
    const response = await post(token, FORM, 't/team-a/');
    expect([response.status, response.headers.get('location')]).toEqual([303, './t/team-a/']);
    const cookie = cookieOf(response);
    expect(cookie).toMatch(/^__Host-millrace=mls_[\w-]{43}$/);
    expect(await (await send(LOGIN, { headers: { cookie } })).text()).toContain(`<code>${tokenId}</code>`);
    expect((await send(at('/gateway/tokens'), { headers: { cookie } })).status).toBe(401);

    await cloud.api.call(GatewayRoutes.revokeToken, { tokenId });
    expect(await (await send(LOGIN, { headers: { cookie } })).text()).toContain('name="token"');
    const out = await send(at('/tracking/logout'), { method: 'POST', headers: { ...FORM, cookie }, body: '' });
    expect([out.status, await out.json()]).toEqual([401, expect.objectContaining({ name: 'TokenRevoked' })]);
    expect((await post(token)).status).toBe(401);
  });

  test('takes no form from a foreign page, and has no effect for one that comes with a cookie', async () => {
    const { token } = await aToken();
    for (const headers of [
      { ...FORM, origin: 'https://evil.example' },
      { 'content-type': FORM['content-type'] },
    ] as Record<string, string>[]) {
      const response = await post(token, headers);
      expect([response.status, await response.json()]).toEqual([
        403,
        expect.objectContaining({ error_code: 'PERMISSION_DENIED', name: 'OriginRefused' }),
      ]);
    }
    const cookie = cookieOf(await post(token));
    const foreign = { ...FORM, cookie, origin: 'https://evil.example' };
    expect((await send(at('/tracking/logout'), { method: 'POST', headers: foreign, body: '' })).status).toBe(403);
    expect(await (await send(LOGIN, { headers: { cookie } })).text()).toContain('Log out');
  });

  test('knows the name that the edge has', async () => {
    const { token } = await aToken();
    const headers = { ...FORM, origin: 'https://ui.example', 'x-forwarded-host': 'ui.example' };
    expect((await post(token, headers)).status).toBe(303);
    expect((await post(token, { ...headers, origin })).status).toBe(403);
  });

  test('refuses a change by a token from a foreign page, at every API', async () => {
    const response = await send(at('/gateway/tokens'), {
      method: 'POST',
      headers: { authorization: `Bearer ${cloud.token}`, origin: 'https://evil.example' },
      body: '{"name":"x","roles":["app"]}',
    });
    expect([response.status, await response.json()]).toEqual([403, expect.objectContaining({ name: 'OriginRefused' })]);
  });
});

describe('what is below the tracking API on the local cloud', () => {
  test.each([
    ['GET', '/tracking/api/2.0/mlflow/experiments/search'],
    ['POST', '/tracking/graphql'],
    ['POST', '/tracking/health'],
    ['GET', '/tracking/health%2f'],
    ['GET', '/tracking/static-files/..%2fgraphql'],
    ['GET', '/tracking/static-files/%2e%2e/graphql'],
    ['GET', '/tracking/t/team-a/graphql'],
    ['POST', '/tracking/logout'],
  ])('is closed without a credential, also to odd spellings: %s %s', async (method, path) => {
    expect([401, 404]).toContain((await send(at(path), { method })).status);
  });

  test('is open as far as the list says: nothing there is refused for want of a credential', async () => {
    for (const [method, template] of PUBLIC_PATHS) {
      const path = template.replace('{workspace}', 'default').replace('{file+}', 'static/js/no.js');
      const { status } = await send(at(path), { method, ...(method === 'POST' && { headers: FORM, body: 'x=1' }) });
      // The login's own answer to a form without a token is a 401 too, and it is a page.
      expect([path, method === 'POST' ? 200 : status]).not.toEqual([path, 401]);
    }
  });
});

const program = chromium();

(program ? describe : describe.skip)('a browser on the local cloud', () => {
  let browser: Browser;
  // A new one for each test: its cookies are its own.
  beforeEach(async () => {
    browser = await openBrowser(program as string, { dark: true });
  }, 180_000);
  afterEach(() => browser?.close());

  /** Whatever comes next in the page, once what was clicked has led there. */
  const until = async (expression: string): Promise<void> => {
    for (let i = 0; i < 100; i++) {
      if (await browser.evaluate<boolean>(`document.readyState === 'complete' && (${expression})`).catch(() => false))
        return;
      await sleep(100);
    }
    throw new Error(`the page never came to ${expression}: ${await browser.evaluate('document.body.innerText')}`);
  };
  const logIn = (token: string) =>
    browser.evaluate(
      `document.querySelector('#token').value = ${JSON.stringify(token)}; document.querySelector('button').click()`,
    );

  test('that follows a link from another site is known all the same, at the place that the link names', async () => {
    const { token, tokenId } = await aToken();
    await browser.open(LOGIN);
    await logIn(token);
    await until("!document.querySelector('#token')");
    const elsewhere = createServer((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<a href="${LOGIN}?next=login#/experiments/7">look at this run</a>`);
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    try {
      // For the browser another site than the number behind it.
      await browser.open(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`);
      await browser.evaluate("document.querySelector('a').click()");
      await until(`document.body.innerText.includes(${JSON.stringify(tokenId)})`);
      expect(new URL(await browser.evaluate<string>('location.href')).hash).toBe('#/experiments/7');
      expect(browser.requests.filter((url) => url.includes('?next=login'))).toHaveLength(1);
    } finally {
      elsewhere.close();
    }
  }, 60_000);

  test('is asked to log in by the UI, comes back to its place there, and may then read and change', async () => {
    const { token } = await aToken();
    await browser.open(at('/tracking/#/models'));
    await until("document.querySelector('#token')");
    await logIn(token);
    await until("!document.querySelector('#token') && location.hash === '#/models'");
    expect(new URL(await browser.evaluate<string>('location.href')).pathname).toBe(new URL(at('/tracking/')).pathname);
    const status = (path: string, init: object = {}) =>
      browser.evaluate<number>(
        `fetch('ajax-api/2.0/mlflow/${path}', ${JSON.stringify(init)}).then((each) => each.status)`,
      );
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ name: `by-browser-${process.pid}` });
    expect(await status('experiments/get?experiment_id=0')).toBe(200);
    expect(await status('experiments/create', { method: 'POST', headers, body })).toBe(200);
    await browser.open(LOGIN);
    await browser.evaluate("document.querySelector('button').click()");
    await until("document.querySelector('#token')");
    await browser.open(at('/tracking/#/models'));
    await until("document.querySelector('#token')");
  }, 120_000);

  test('is told of a wrong token, logs in, keeps its place, and logs out', async () => {
    const { token, tokenId } = await aToken();
    await browser.open(`${LOGIN}?next=login#/experiments/5`);
    expect(browser.complaints).toEqual([]);
    expect(new Set(browser.requests.map((url) => new URL(url).host))).toEqual(new Set([host]));
    expect(await browser.evaluate("document.querySelector('label').control.id")).toBe('token');
    expect(await browser.evaluate('document.activeElement.id')).toBe('token');

    await logIn('mlr_wrong');
    await until("document.querySelector('[role=alert]')");
    expect(await browser.evaluate("document.querySelector('#token').getAttribute('aria-describedby')")).toBe('error');

    await logIn(token);
    await until(`document.body.innerText.includes(${JSON.stringify(tokenId)})`);
    const { hash, pathname, search } = new URL(await browser.evaluate<string>('location.href'));
    expect([hash, pathname, search]).toEqual(['#/experiments/5', new URL(LOGIN).pathname, '']);
    expect(await browser.evaluate('document.cookie')).toBe('');

    await browser.evaluate("document.querySelector('button').click()");
    await until("document.querySelector('#token')");
    // Nobody's, and so with its form again, also when it is asked for anew.
    await browser.open(LOGIN);
    expect(await browser.evaluate("document.querySelector('#token') !== null")).toBe(true);
  }, 60_000);
});
