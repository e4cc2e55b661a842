import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { GatewayRoutes } from '../../../lambdas/gateway/contract.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

const cloud = cloudUnderTest();
const ARTIFACTS = 'api/2.0/mlflow-artifacts/artifacts';
const BIG = 200 * 1024 ** 2;
const folders: string[] = [];

afterAll(async () => {
  cloud.aws.destroy();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

interface Sent {
  method?: string;
  body?: Uint8Array | string;
  token?: string;
  headers?: Record<string, string>;
  redirect?: 'manual' | 'follow';
}
const ask = (
  base: string,
  path: string,
  { method = 'GET', body, token = cloud.token, headers = {}, redirect }: Sent = {},
) => fetch(`${base}/${path}`, { method, body, redirect, headers: { authorization: `Bearer ${token}`, ...headers } });

const every = Uint8Array.from({ length: 4096 }, (_, i) => i % 256);
const run = () => `0/${Math.random().toString(36).slice(2)}/artifacts`;

describe.each([
  ['through the edge', cloud.tracking],
  ['without the edge', `${cloud.control}/tracking`],
])('artifacts %s', (_name, base) => {
  test('come back as they were sent, under any name, and are listed and deleted', async () => {
    const at = run();
    for (const name of ['model.bin', 'a b+c%.txt', 'grün 😀/plot.png', 'page.html']) {
      const path = `${ARTIFACTS}/${at}/${name.split('/').map(encodeURIComponent).join('/')}`;
      const put = await ask(base, path, { method: 'PUT', body: every, headers: { 'content-type': 'text/html' } });
      expect([name, put.status]).toEqual([name, 200]);
      const got = await ask(base, path);
      expect([got.status, got.headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
      expect(got.headers.get('content-disposition')).toMatch(/^attachment/);
      expect(Buffer.from(await got.arrayBuffer()).equals(every)).toBe(true);
    }
    const list = async () =>
      (await (await ask(base, `${ARTIFACTS}?path=${at}`)).json()) as { files: { path: string }[] };
    const { files } = await list();
    expect(files.sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'a b+c%.txt', is_dir: false, file_size: 4096 },
      { path: 'grün 😀', is_dir: true },
      { path: 'model.bin', is_dir: false, file_size: 4096 },
      { path: 'page.html', is_dir: false, file_size: 4096 },
    ]);
    expect((await ask(base, `${ARTIFACTS}/${at}/`, { method: 'DELETE' })).status).toBe(200);
    expect(await list()).toEqual({ files: [] });
    expect((await ask(base, `${ARTIFACTS}/${at}/model.bin`)).status).toBe(404);
  });

  test('go up in parts that S3 takes, and down in ranges by a link', async () => {
    const at = run();
    const file = '/models/parts.bin';
    const post = async (verb: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      const path = `api/2.0/mlflow-artifacts/mpu/${verb}/${at}`;
      const response = await ask(base, path, { method: 'POST', body: JSON.stringify(body), headers });
      return { status: response.status, json: (await response.json()) as Record<string, unknown> };
    };
    const { json } = await post('create', { path: file, num_parts: 2 });
    const sizes = [5 * 1024 ** 2, 7];
    const parts = [];
    for (const { url, part_number } of json['credentials'] as { url: string; part_number: number }[]) {
      const sent = await fetch(url, {
        method: 'PUT',
        body: new Uint8Array(sizes[part_number - 1] ?? 0).fill(part_number),
      });
      expect(sent.status).toBe(200);
      parts.push({ part_number, etag: sent.headers.get('etag'), url });
    }
    // A client that did not hear the answer asks again.
    for (let i = 0; i < 2; i++) {
      expect(await post('complete', { path: file, upload_id: json['upload_id'], parts })).toEqual({
        status: 200,
        json: {},
      });
    }
    const link = (await (await ask(base, `api/2.0/mlflow-artifacts/presigned/${at}/parts.bin`)).json()) as {
      url: string;
      file_size: number;
    };
    expect(link.file_size).toBe(5 * 1024 ** 2 + 7);
    const range = await fetch(link.url, { headers: { Range: `bytes=${5 * 1024 ** 2 - 1}-${5 * 1024 ** 2 + 1}` } });
    expect([range.status, [...new Uint8Array(await range.arrayBuffer())]]).toEqual([206, [1, 2, 2]]);
  });

  test('stay in their workspace, whatever the path says', async () => {
    await ask(base, `t/secrets/${ARTIFACTS}/0/key`, { method: 'PUT', body: 'secret' });
    const climbs = [
      '..%2f..%2fsecrets/mlflow/0/key',
      '%2e%2e/%2e%2e/secrets/mlflow/0/key',
      '..%5c..%5csecrets',
      'a//b',
      'a%00b',
      '%252e%252e/x',
    ];
    for (const path of climbs) {
      for (const method of ['GET', 'PUT']) {
        const { status } = await rawAsk(`${base}/${ARTIFACTS}/${path}`, method);
        expect([method, path, status]).toEqual([method, path, 400]);
      }
    }
  });

  test('are for those whose token says so', async () => {
    const make = (roles: ('auditor' | 'scientist')[], workspaces: string[]) =>
      cloud.api.call(GatewayRoutes.createToken, { name: 'artifacts', roles, workspaces });
    const auditor = await make(['auditor'], ['*']);
    const other = await make(['scientist'], ['other']);
    const path = `${ARTIFACTS}/${run()}/x`;
    await ask(base, path, { method: 'PUT', body: 'x' });
    const status = async (sent: Sent) => {
      const response = await ask(base, path, sent);
      const body = response.ok ? undefined : ((await response.json()) as { error_code: string; message: string });
      return [response.status, body?.error_code];
    };
    expect(await status({ token: auditor.token })).toEqual([200, undefined]);
    expect(await status({ token: auditor.token, method: 'PUT', body: 'y' })).toEqual([403, 'PERMISSION_DENIED']);
    expect(await status({ token: other.token })).toEqual([403, 'PERMISSION_DENIED']);
    expect(await status({ token: 'mlr_nobody' })).toEqual([401, 'UNAUTHENTICATED']);
    await cloud.api.call(GatewayRoutes.revokeToken, { tokenId: auditor.tokenId });
    expect(await status({ token: auditor.token })).toEqual([401, 'UNAUTHENTICATED']);
  });
});

/** With the path as it is written: `fetch` resolves dots before it sends. */
function rawAsk(url: string, method: string): Promise<{ status: number }> {
  const [, host = '', port = '', path = ''] = /^http:\/\/([^:]+):(\d+)(.*)$/.exec(url) ?? [];
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${cloud.token}`, 'content-length': 0 };
    const sent = request({ host, port, path, method, headers }, (answer: IncomingMessage) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0 });
    });
    sent.on('error', reject).end();
  });
}

test('a file of 200 MB goes up and down through the edge as a stream', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-artifacts-'));
  folders.push(folder);
  const sent = createHash('sha256');
  const chunk = Buffer.alloc(1024 ** 2);
  function* chunks() {
    for (let i = 0; i < BIG / chunk.length; i++) {
      chunk.writeUInt32LE(i);
      const copy = Buffer.from(chunk);
      sent.update(copy);
      yield copy;
    }
  }
  await pipeline(Readable.from(chunks()), createWriteStream(join(folder, 'up')));
  const path = `${ARTIFACTS}/${run()}/model.bin`;
  const put = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${cloud.token}`, 'content-length': BIG };
    const up = request(`${cloud.tracking}/${path}`, { method: 'PUT', headers }, resolve);
    up.on('error', reject);
    createReadStream(join(folder, 'up')).pipe(up);
  });
  put.resume();
  expect(put.statusCode).toBe(200);
  const got = await ask(cloud.tracking, path);
  const received = createHash('sha256');
  for await (const each of Readable.fromWeb(got.body as never)) received.update(each as Buffer);
  expect((await stat(join(folder, 'up'))).size).toBe(BIG);
  expect(received.digest('hex')).toBe(sent.digest('hex'));
}, 120_000);

describe('a file above 4.5 MB without the edge', () => {
  const base = `${cloud.control}/tracking`;
  const large = new Uint8Array(4_500_001).fill(7);

  test('is refused with a JSON 413 that names the remedies', async () => {
    const response = await ask(base, `${ARTIFACTS}/${run()}/x`, { method: 'PUT', body: large });
    const { message } = (await response.json()) as { message: string };
    expect(response.status).toBe(413);
    expect(message).toContain('MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true');
  });

  test('comes down by a link to S3, which takes no token of ours', async () => {
    const path = `${ARTIFACTS}/${run()}/x`;
    await ask(cloud.tracking, path, { method: 'PUT', body: large });
    const redirected = await ask(base, path, { redirect: 'manual' });
    expect(redirected.status).toBe(302);
    const got = await fetch(redirected.headers.get('location') ?? '');
    expect(Buffer.from(await got.arrayBuffer()).equals(large)).toBe(true);
    expect(got.headers.get('content-disposition')).toMatch(/^attachment/);
  });
});

test('the UI is at the tracking URI itself, below the edge as below the API', async () => {
  for (const base of [cloud.tracking, `${cloud.tracking}/t/team`, `${cloud.control}/tracking`]) {
    const page = await ask(base, '', { headers: { accept: 'text/html' } });
    expect([base, page.status, page.headers.get('content-type')]).toEqual([
      base,
      200,
      expect.stringContaining('text/html'),
    ]);
  }
});

test('the edge keeps the limits of the API that is behind it', async () => {
  const body = Buffer.alloc(11 * 1024 ** 2, 'x');
  const headers = { 'content-type': 'application/json' };
  const response = await ask(cloud.tracking, 'api/2.0/mlflow/runs/log-batch', { method: 'POST', body, headers });
  expect([response.status, ((await response.json()) as { name: string }).name]).toEqual([413, 'BodyTooLarge']);
});
