import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { apiClient } from '../../bin/client/api-client.ts';
import { route } from '../../lambdas/shared/route.ts';

const showThing = route<{ ok: boolean }>()({
  method: 'GET',
  path: '/things/{name}',
  roles: ['engineer'],
  input: z.object({ name: z.string(), deep: z.boolean().optional() }),
});
const putThing = route<{ ok: boolean }>()({
  method: 'PUT',
  path: '/things/{name+}',
  roles: ['engineer'],
  input: z.object({ name: z.string(), size: z.number() }),
});

async function withServer<T>(listener: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const connection = (control: string) => ({ control, inference: control, token: 'secret', workspace: 'team' });

describe('the API client', () => {
  test('fills the path, sends the rest as query or body, and says who and where', async () => {
    const seen: unknown[] = [];
    await withServer(
      (request, response) => {
        let body = '';
        request.on('data', (chunk) => {
          body += chunk;
        });
        request.on('end', () => {
          seen.push([
            request.method,
            request.url,
            body,
            request.headers.authorization,
            request.headers['x-millrace-workspace'],
          ]);
          response.end('{"ok":true}');
        });
      },
      async (url) => {
        const client = apiClient(connection(url));
        expect(await client.call(showThing, { name: 'a b', deep: true })).toEqual({ ok: true });
        await client.call(putThing, { name: 'a/b c', size: 1 });
      },
    );
    expect(seen).toEqual([
      ['GET', '/v1/things/a%20b?deep=true', '', 'Bearer secret', 'team'],
      ['PUT', '/v1/things/a/b%20c', '{"size":1}', 'Bearer secret', 'team'],
    ]);
  });

  test('raises the error of the answer by its name and kind', async () => {
    const answer: RequestListener = (_, response) => {
      response.writeHead(404);
      response.end('{"error_code":"RESOURCE_DOES_NOT_EXIST","name":"ThingMissing","message":"no thing"}');
    };
    await withServer(answer, async (url) => {
      await expect(apiClient(connection(url)).call(showThing, { name: 'x' })).rejects.toMatchObject({
        name: 'ThingMissing',
        kind: 'missing',
        message: 'no thing',
      });
    });
  });

  test('comes again when it was throttled, and not when it was refused', async () => {
    let calls = 0;
    const answer: RequestListener = (_, response) => {
      calls++;
      response.writeHead(calls < 3 ? 429 : 400);
      response.end('{"message":"no"}');
    };
    await withServer(answer, async (url) => {
      await expect(apiClient(connection(url)).call(showThing, { name: 'x' })).rejects.toMatchObject({
        kind: 'invalid',
      });
    });
    expect(calls).toBe(3);
  });

  test('says which address does not answer', async () => {
    const client = apiClient(connection('http://127.0.0.1:9/'));
    await expect(client.call(showThing, { name: 'x' })).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('127.0.0.1:9'),
    });
  });
});
