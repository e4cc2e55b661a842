import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { unitsOf } from './capacity.ts';

/** What DynamoDB was asked for and what it costs. */
export interface Spent {
  requests: number;
  readUnits: number;
  writeUnits: number;
}

export interface DynamoMeter {
  /** To be `AWS_ENDPOINT_URL` of what is measured. */
  url: string;
  /** What was spent since it was last asked. */
  take(): Spent;
  stop(): void;
}

/** Passes every call on to the emulator and adds up what each would consume on AWS. */
export async function dynamoMeter(endpoint: string): Promise<DynamoMeter> {
  let spent = nothing();
  const server = createServer(async (call, answer) => {
    const target = String(call.headers['x-amz-target'] ?? '');
    const isDynamo = target.startsWith('DynamoDB_');
    const body = await buffer(call);
    const passed = await pass(endpoint, call, body);
    const content = await buffer(passed);
    if (isDynamo) {
      const { read, write } = unitsOf(target, JSON.parse(body.toString()), JSON.parse(content.toString()));
      spent.requests += 1;
      spent.readUnits += read;
      spent.writeUnits += write;
    }
    answer.writeHead(passed.statusCode ?? 502, passed.headers).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = spent;
      spent = nothing();
      return taken;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const nothing = (): Spent => ({ requests: 0, readUnits: 0, writeUnits: 0 });

function pass(endpoint: string, call: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { ...call.headers, 'content-length': String(body.length) };
    request(`${endpoint}${call.url}`, { method: call.method, headers }, resolve).on('error', reject).end(body);
  });
}
