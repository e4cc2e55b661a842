import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { mlflowApi, mount } from '../../lambdas/tracking/mlflow-api.ts';
import type { UiFile, UiFiles } from '../../lambdas/tracking/ui-files.ts';
import { uiRoutes } from '../../lambdas/tracking/ui-routes.ts';
import { anApiEvent } from '../builders/api-event.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]);
const SCRIPT = 'main.c2f5f8d4.js';

/** Files as set-up keeps them: compressed where that makes them smaller. */
function memoryUi(texts: Record<string, string | Buffer>): UiFiles {
  const kept = new Map<string, { file: UiFile; bytes: Buffer }>();
  for (const [path, content] of Object.entries(texts)) {
    const bytes = Buffer.from(content);
    const packed = gzipSync(bytes);
    const gzip = packed.length < bytes.length;
    kept.set(path, { file: { digest: `d-${path}`, bytes: bytes.length, gzip }, bytes: gzip ? packed : bytes });
  }
  return {
    find: (path) => kept.get(path)?.file,
    read: async (file) => [...kept.values()].find((each) => each.file === file)?.bytes ?? Buffer.alloc(0),
  };
}

const page = `<!doctype html>${'<p>ui</p>'.repeat(50)}`;
const script = `${'const ü = 1;\n'.repeat(100)}`;
const files = memoryUi({
  'index.html': page,
  [`static/js/${SCRIPT}`]: script,
  'static/media/a.16b289c2599c81a29db9.png': PNG,
  'static/css/main.b0f58ef9.css': 'p{}'.repeat(50),
  'static/media/font.f6283f7ccaed1249d9eb.ttf': Buffer.alloc(400, 7),
  'favicon.ico': PNG,
});
const handler = mlflowApi({
  routes: mount(uiRoutes, () => ({ files })),
  requireKnown: async () => {
    throw new Error('no workspace is looked at');
  },
  logger: { info: () => {}, error: () => {} },
});

async function get(path: string, change: Partial<APIGatewayProxyEvent> = {}) {
  const event = { ...anApiEvent({ method: 'GET', path: `/tracking${path}` }), ...change };
  const { statusCode, headers = {}, body, isBase64Encoded } = await handler(event);
  return { status: statusCode, headers, bytes: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'), body };
}
const nobody = { requestContext: { authorizer: {} } as unknown as APIGatewayProxyEvent['requestContext'] };
const accepting = (encoding: string) => ({ headers: { 'Accept-Encoding': encoding } });

describe('the page of the UI', () => {
  test('is the stock one, asked for anew each time, under a policy that lets nothing of others run', async () => {
    const { status, headers, bytes } = await get('/', accepting('gzip, br'));
    expect(status).toBe(200);
    expect(gunzipSync(bytes).toString()).toBe(page);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'content-security-policy': expect.stringContaining("script-src 'self';"),
    });
    expect(headers['content-security-policy']).toContain("frame-ancestors 'self'");
  });

  test.each([
    ['/', './login'],
    ['/t/team-a/', '../../login?next=t%2Fteam-a%2F'],
  ])('sends somebody without a login from %s to the form, and back', async (path, location) => {
    const { status, headers } = await get(path, nobody);
    expect([status, headers['location'], headers['cache-control']]).toEqual([302, location, 'no-store']);
  });

  test.each(['TokenExpired', 'TokenRevoked'])(
    'sends somebody whose token is not taken any more to log in: %s',
    async (refusal) => {
      const authorizer = { tokenId: 't', roles: '', workspaces: '', refusal, refusalMessage: 'over' };
      const { status, headers } = await get('/', { requestContext: { authorizer } as never });
      expect([status, headers['location']]).toEqual([302, './login']);
    },
  );

  test.each([
    ['', 'tracking/?page=ui'],
    ['/t/team-a', 'team-a/?page=ui'],
  ])('is at addresses with a closing slash, since its links are relative: %p', async (path, location) => {
    const { status, headers } = await get(path);
    expect([status, headers['location']]).toEqual([302, location]);
  });

  test('ends the redirects where something on the way takes the slash away', async () => {
    expect((await get('', { queryStringParameters: { page: 'ui' } })).status).toBe(200);
  });

  test('is at the root of the edge, which has a slash that may not come through', async () => {
    const headers = { 'X-Forwarded-Host': 'mlflow.example.org' };
    expect((await get('', { headers })).status).toBe(200);
    expect((await get('', { headers, ...nobody })).headers['location']).toBe('./login');
    expect((await get('/t/team-a', { headers })).headers['location']).toBe('team-a/?page=ui');
  });

  test('never says in a redirect what it was asked for in another form', async () => {
    const { headers } = await get('/t/%0d%0aset-cookie:x/', nobody);
    expect(headers['location']).toMatch(/^[\x21-\x7e]+$/);
  });
});

describe('the files of the UI', () => {
  test('are kept by browsers for good where their name has a digest, and asked for anew where not', async () => {
    const cached = async (path: string) => (await get(`/static-files/${path}`)).headers['cache-control'];
    const forGood = 'public, max-age=2419200, immutable';
    expect(await cached(`static/js/${SCRIPT}`)).toBe(forGood);
    expect(await cached('static/media/a.16b289c2599c81a29db9.png')).toBe(forGood);
    expect(await cached('favicon.ico')).toBe('no-cache');
  });

  test.each([
    [`static/js/${SCRIPT}`, 'text/javascript; charset=utf-8'],
    ['static/css/main.b0f58ef9.css', 'text/css; charset=utf-8'],
    ['static/media/a.16b289c2599c81a29db9.png', 'image/png'],
    ['static/media/font.f6283f7ccaed1249d9eb.ttf', 'font/ttf'],
  ])('say of %s that it is %s', async (path, type) => {
    expect((await get(`/t/team-a/static-files/${path}`)).headers['content-type']).toBe(type);
  });

  test('are the same bytes for who takes compressed answers and who does not', async () => {
    for (const path of [
      `static/js/${SCRIPT}`,
      'static/media/a.16b289c2599c81a29db9.png',
      'static/media/font.f6283f7ccaed1249d9eb.ttf',
    ]) {
      const plain = await get(`/static-files/${path}`);
      const packed = await get(`/static-files/${path}`, accepting('deflate, gzip;q=0.8'));
      expect(plain.headers['content-encoding']).toBeUndefined();
      const isPacked = packed.headers['content-encoding'] === 'gzip';
      expect([path, isPacked]).toEqual([path, !path.endsWith('png')]);
      expect((isPacked ? gunzipSync(packed.bytes) : packed.bytes).equals(plain.bytes)).toBe(true);
    }
    expect((await get(`/static-files/static/js/${SCRIPT}`)).bytes.toString()).toBe(script);
  });

  test.each(['gzip;q=0', 'gzip; q=0.0, br', 'br', 'identity'])('are not compressed for %s', async (encoding) => {
    const { headers } = await get(`/static-files/static/js/${SCRIPT}`, accepting(encoding));
    expect(headers['content-encoding']).toBeUndefined();
  });

  test('go as text where they are text: in base64 the largest would be more than a function answers', async () => {
    expect((await get(`/static-files/static/js/${SCRIPT}`)).body).toBe(script);
  });

  test('are not sent again to who has them in the same form', async () => {
    const path = `/static-files/static/js/${SCRIPT}`;
    const { etag } = (await get(path, accepting('gzip'))).headers;
    const again = (known: string, encoding: string) =>
      get(path, { headers: { 'if-none-match': known, 'accept-encoding': encoding } });
    expect(await again(`"x", W/${etag}`, 'gzip')).toMatchObject({ status: 304, body: '' });
    expect((await again(String(etag), 'identity')).status).toBe(200);
    expect((await again('"other"', 'gzip')).status).toBe(200);
  });

  test.each([
    'nope.js',
    '../index.html',
    '..%2findex.html',
    '%2e%2e/%2e%2e/etc/passwd',
    '..%252f..%252fetc%252fpasswd',
    '..%5cindex.html',
    'static//js/main.c2f5f8d4.js',
    '/etc/passwd',
    'constructor',
    '__proto__',
    'manifest.json%00',
    'd-index.html',
    '%ff',
  ])('are in a list, and nothing else is there: %s', async (path) => {
    const { status, body } = await get(`/static-files/${path}`);
    expect(status).toBe(404);
    expect(JSON.parse(body)).toMatchObject({ error_code: 'ENDPOINT_NOT_FOUND' });
  });
});
