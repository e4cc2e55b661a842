import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CuttingProxy {
  readonly endpoint: string;
  /** What was asked for, and answered by the platform: `PUT /bucket/key`. */
  readonly asked: readonly string[];
  close(): void;
}

/**
 * Stands between a command and the platform. The platform has answered so many requests, and the command has not heard
 * the last answer, when `act` is called; whatever comes after that is left unanswered.
 */
export async function cuttingProxy(platform: string, after: number, act: () => void): Promise<CuttingProxy> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    if (asked.length >= after) return;
    const answer = await passOn(platform, request);
    asked.push(`${request.method} ${request.url}`);
    if (asked.length === after) return act();
    await give(answer, response, platform, endpoint);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    asked,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Belongs to one connection, not to what is passed on. */
const HOP = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect', 'keep-alive']);

async function passOn(platform: string, request: IncomingMessage): Promise<Response> {
  const body = Buffer.concat(await request.toArray());
  const headers = Object.entries(request.headers).filter(([name]) => !HOP.has(name)) as [string, string][];
  return fetch(`${platform}${request.url}`, {
    method: request.method,
    headers,
    body: body.length > 0 ? body : undefined,
  });
}

/** Addresses of the platform in an answer become the proxy's, so that an upload comes this way too. */
async function give(answer: Response, response: ServerResponse, platform: string, endpoint: string): Promise<void> {
  const text = await answer.text();
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
  response.end(text.replaceAll(platform, endpoint));
}
