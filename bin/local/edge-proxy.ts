import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as open, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { EdgeAnswer, EdgeDecision, ViewerRequest } from './edge-function.ts';

/** What the stand-in needs of the cloud behind it. */
export interface EdgeOrigins {
  decide: (request: ViewerRequest) => Promise<EdgeDecision>;
  /** The address of the tracking API. */
  api: () => Promise<string>;
  /** Where S3 takes or gives an object: what origin access control signs on AWS. */
  object: (method: string, key: string) => Promise<string>;
}

/** API Gateway takes 10 MB and Lambda 6 MB, in which a body is base64. */
const MAX_API_BYTES = Math.floor((6 * 1024 ** 2 * 3) / 4);
const MAX_ANSWER_BYTES = 6 * 1024 ** 2;

const agent = new Agent({ keepAlive: true });
/** Of one connection, not of the message. */
const HOP = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'proxy-authorization',
  'host',
];

/** What CloudFront does with a request, in the order in which it does it. */
export function edgeHandler({ decide, api, object }: EdgeOrigins) {
  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const [path = '/', query = ''] = splitOnce(incoming.url ?? '/', '?');
    const decision = await decide(viewerRequest(incoming, path));
    if (decision.to === 'viewer') return answer(incoming, outgoing, decision.answer);
    const { request } = decision;
    const headers = plainHeaders(request.headers);
    if (decision.to === 'bucket') {
      const key = decodeURIComponent(request.uri.slice(1));
      return throughTo(await object(request.method, key), headers, incoming, outgoing);
    }
    const url = `${await api()}${request.uri}${query && `?${query}`}`;
    return viaApi(url, headers, incoming, outgoing);
  };
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function viewerRequest({ method = 'GET', headers }: IncomingMessage, uri: string): ViewerRequest {
  const cookies = (headers.cookie ?? '').split(';').map((each) => splitOnce(each.trim(), '='));
  return {
    method,
    uri,
    querystring: {},
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value: String(value) }])),
    cookies: Object.fromEntries(cookies.filter(([name]) => name).map(([name, value]) => [name, { value }])),
  };
}

const plainHeaders = (headers: ViewerRequest['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, { value }]) => (HOP.includes(name) ? [] : [[name, value]])),
  );

/** The function's own answer; what the caller still sends is read, so that it hears the answer. */
function answer(incoming: IncomingMessage, outgoing: ServerResponse, { statusCode, headers, body }: EdgeAnswer): void {
  incoming.resume();
  const plain = Object.entries(headers).map(([name, { value }]): [string, string] => [name, value]);
  outgoing.writeHead(statusCode, Object.fromEntries(plain)).end(body.data);
}

/** As the distribution's response headers policy says of every artifact: saved, never shown. */
const ARTIFACT_HEADERS = {
  'content-disposition': 'attachment',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
};

/** Streams both ways, whatever the size. */
async function throughTo(
  url: string,
  headers: Record<string, string>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const upstream = open(url, { method: incoming.method, headers, agent });
  const [response] = await Promise.all([received(upstream), pipeline(incoming, upstream)]);
  outgoing.writeHead(response.statusCode ?? 502, { ...answered(response.headers), ...ARTIFACT_HEADERS });
  await pipeline(response, outgoing);
}

const received = (upstream: ReturnType<typeof open>) =>
  new Promise<IncomingMessage>((resolve, reject) => upstream.on('response', resolve).on('error', reject));

const answered = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.includes(name)));

/** The emulator does not keep AWS's limits, so they are kept here. */
async function viaApi(
  url: string,
  headers: Record<string, string>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const body = await bytesUpTo(incoming, MAX_API_BYTES);
  if (!body) {
    const message =
      'the body is larger than 10 MB: artifacts of any size go through the edge, or in parts to S3 (MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true)';
    return json(outgoing, 413, { error_code: 'INVALID_PARAMETER_VALUE', name: 'BodyTooLarge', message });
  }
  // Without one the emulator takes no answer for bytes.
  const upstream = open(url, {
    method: incoming.method,
    headers: { accept: '*/*', ...headers, 'content-length': String(body.length) },
    agent,
  });
  upstream.end(body);
  const response = await received(upstream);
  const bytes = await bytesUpTo(response, MAX_ANSWER_BYTES);
  if (!bytes) {
    const message = 'the answer is larger than the 6 MB that a function may give';
    return json(outgoing, 502, { error_code: 'INTERNAL_ERROR', name: 'Unexpected', message });
  }
  outgoing.writeHead(response.statusCode ?? 502, { ...answered(response.headers), 'content-length': bytes.length });
  outgoing.end(bytes);
}

/** Undefined where there is more, which is read and dropped. */
async function bytesUpTo(stream: IncomingMessage, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= most) chunks.push(chunk);
  }
  return length <= most ? Buffer.concat(chunks) : undefined;
}

export function json(outgoing: ServerResponse, status: number, body: object): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' });
  outgoing.end(JSON.stringify(body));
}
