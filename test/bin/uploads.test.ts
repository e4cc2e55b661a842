import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { apiClient } from '../../bin/client/api-client.ts';
import { putFile } from '../../bin/client/uploads.ts';
import { bar } from '../../bin/commands/data-put.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
const ok: Answer = (_, response) => response.writeHead(200).end();
const status =
  (code: number): Answer =>
  (_, response) =>
    response.writeHead(code).end();
const cut: Answer = (request) => request.destroy();

/** The route and the raw zone. Each PUT is answered by the next answer, with what of it had come by then. */
let server: ReturnType<typeof createServer>;
let answers: Answer[];
let received: Buffer[];
let announced: number;
let expiresInMs: number;
beforeEach(async () => {
  [answers, received, announced, expiresInMs] = [[], [], 0, 900_000];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const { port } = server.address() as AddressInfo;
    if (request.method === 'PUT') {
      const answer = answers.shift() ?? ok;
      if (answer === cut) return request.once('data', () => cut(request, response, Buffer.of()));
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push(Buffer.concat(chunks));
        answer(request, response, Buffer.concat(chunks));
      });
      return;
    }
    request.resume().on('end', () => {
      const expiresAt = new Date(Date.now() + expiresInMs).toISOString();
      const upload = { uploadId: `u${++announced}`, url: `http://127.0.0.1:${port}/raw`, method: 'PUT', expiresAt };
      response.end(JSON.stringify({ ...upload, headers: { 'content-length': '300000' }, key: '' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(
  () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
);

const CONTENT = Buffer.alloc(300_000, 'row,');
const streamed = (content = CONTENT) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < content.length; at += 10_000) controller.enqueue(content.subarray(at, at + 10_000));
      controller.close();
    },
  });
const put = (given: Partial<Parameters<typeof putFile>[2]> = {}) => {
  const control = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = { fileName: 'a.csv', bytes: CONTENT.length, body: () => streamed(), pauseMs: 1, ...given };
  return putFile(apiClient({ control, inference: null, token: 't' }), 'things', file);
};

describe('a file', () => {
  test('is sent whole, and says how far it is', async () => {
    const sent: number[] = [];
    expect(await put({ sent: (bytes) => sent.push(bytes) })).toBe('u1');
    expect(received).toEqual([CONTENT]);
    expect([sent[0], sent.at(-1), sent.length]).toEqual([0, CONTENT.length, 31]);
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
  });

  test.each([
    ['a line that breaks', [cut]],
    ['an answer of 503', [status(503), status(500)]],
    ['another writer', [status(409)]],
    ['all of these', [cut, status(503), status(409)]],
  ])('that meets %s is sent again from its beginning, to the same place', async (_what, troubles) => {
    answers.push(...troubles);
    const begun: number[] = [];
    expect(await put({ sent: (bytes) => void (bytes === 0 && begun.push(bytes)) })).toBe('u1');
    expect(received.at(-1)).toEqual(CONTENT);
    expect([announced, begun.length]).toEqual([1, troubles.length + 1]);
  });

  test('whose answer was lost is there already, and is not sent under another name', async () => {
    answers.push((request) => request.socket.destroy(), status(412));
    expect(await put()).toBe('u1');
    expect(announced).toBe(1);
  });

  test('that took longer than its URL is good for is announced anew', async () => {
    expiresInMs = -1;
    answers.push(status(403));
    expect(await put()).toBe('u3');
  });

  test('is given up in the end, by name', async () => {
    answers.push(cut, cut, cut, cut);
    await expect(put()).rejects.toMatchObject({
      name: 'ServiceUnavailable',
      message: expect.stringContaining('a.csv'),
    });
  });

  test('that is refused for good is not sent again', async () => {
    answers.push(status(400));
    await expect(put()).rejects.toMatchObject({ name: 'Unexpected', message: expect.stringContaining('400') });
    expect(received).toHaveLength(1);
  });

  test('that shrank meanwhile is an error of its own', async () => {
    await expect(put({ body: () => streamed(CONTENT.subarray(0, 200_000)) })).rejects.toMatchObject({
      name: 'InvalidInput',
      message: 'file: a.csv changed while it was sent: 300000 bytes at first, then 200000',
    });
  });
});

test('the bar fills, says its share, and moves ten times a second at most', () => {
  const lines: string[] = [];
  let now = 1000;
  const sent = bar({ progress: (text) => lines.push(text) }, 'a.csv', 2_000_000, () => now);
  for (const bytes of [0, 10, 500_000]) sent(bytes);
  now += 150;
  sent(1_000_000);
  sent(2_000_000);
  expect(lines).toEqual([
    `a.csv ${'░'.repeat(24)} 0 % 0.0 of 2.0 MB`,
    `a.csv ${'█'.repeat(12)}${'░'.repeat(12)} 50 % 1.0 of 2.0 MB`,
    `a.csv ${'█'.repeat(24)} 100 % 2.0 of 2.0 MB`,
  ]);
});
