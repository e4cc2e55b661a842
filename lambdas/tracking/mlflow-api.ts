import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { sendable } from '../shared/answer-bytes.ts';
import { callerOf, requireRole, requireWorkspace } from '../shared/caller.ts';
import { asPlatformError, isOwnFault, type PlatformError, SharedErrors } from '../shared/errors.ts';
import type { IamCaller } from '../shared/iam-caller.ts';
import { isTooDeep, MAX_DEPTH } from '../shared/json-depth.ts';
import { jsonLogger, type Logger } from '../shared/logger.ts';
import { matchPath } from '../shared/route.ts';
import { errorCodeOf, statusOf, TrackingErrors } from './errors.ts';
import { parseJson, writeJson } from './mlflow-json.ts';
import { ACCESS, type MlflowRoute, mountedAt, Raw, type RawAnswer, type TrackingRequest } from './mlflow-route.ts';
import { checkWorkspaceName } from './workspace.ts';

/** A route with what it works with. */
export interface Mounted {
  route: MlflowRoute<never>;
  deps: () => unknown;
}
export const mount = <Deps>(routes: readonly MlflowRoute<Deps>[], deps: () => Deps | Promise<Deps>): Mounted[] =>
  routes.map((route) => ({ route: route as unknown as MlflowRoute<never>, deps }));

export interface MlflowApiOptions {
  routes: readonly Mounted[];
  /** @throws WorkspaceMissing */
  requireKnown: (workspace: string) => Promise<void>;
  /** Who may where AWS checks signatures. @default nobody: callers show tokens */
  iamCallers?: () => readonly IamCaller[];
  logger?: Logger;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const PREFIX = /^\/tracking(?:\/t\/([^/]*))?(\/.*)?$/;
/** MLflow's REST API of all workspaces as one Lambda function: route, caller, role, workspace, fields, answer. */
export function mlflowApi({ routes, requireKnown, iamCallers, logger = jsonLogger }: MlflowApiOptions) {
  const find = finder(routes);
  const handle = async (event: APIGatewayProxyEvent): Promise<RawAnswer> => {
    const [, workspace = 'default', path = '/'] = PREFIX.exec(event.path) ?? [];
    const found = find(event.httpMethod, path);
    if (!found) {
      const others = METHODS.filter((method) => find(method, path)).join(', ');
      throw SharedErrors.RouteMissing(
        `${event.httpMethod} ${event.path.replace(/^\/tracking/, '') || '/'}: there is no such endpoint${others && ` (the path takes ${others})`}`,
      );
    }
    const { route, deps, values } = found;
    const request = { workspace, event, path: values } as TrackingRequest;
    if (route.access !== 'public') {
      request.caller = callerOf(event, iamCallers?.());
      requireRole(request.caller, ACCESS[route.access]);
      checkWorkspaceName(workspace);
      requireWorkspace(request.caller, workspace);
      await requireKnown(workspace);
    }
    const answer = await route.run((await deps()) as never, () => inputOf(route, event), request);
    return answer instanceof Raw ? answer.answer : json(200, sendable('answer', writeJson(answer)));
  };
  return async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    const began = performance.now();
    let error: PlatformError | undefined;
    const answer = await handle(event).catch((thrown: unknown) => {
      error = asPlatformError(thrown);
      return json(statusOf(error), writeJson(bodyOf(error)));
    });
    const fields = {
      method: event.httpMethod,
      path: event.path,
      status: answer.status,
      ms: Math.round(performance.now() - began),
    };
    if (error) {
      const { stack } = error.cause instanceof Error ? error.cause : error;
      const unexpected = error.kind === 'unexpected' && { stack };
      logger[isOwnFault(error) ? 'error' : 'info']('request', {
        ...fields,
        error: error.name,
        reason: error.message,
        ...unexpected,
      });
    } else logger.info('request', fields);
    return proxied(answer);
  };
}

/** Most paths are fixed, so they are looked up; those with names in braces are tried in order. */
function finder(mounted: readonly Mounted[]) {
  const fixed = new Map<string, Mounted>();
  const named: { at: string; each: Mounted }[] = [];
  for (const each of mounted) {
    for (const at of mountedAt(each.route)) {
      if (at.includes('{')) named.push({ at, each });
      else fixed.set(`${each.route.method} ${at}`, each);
    }
  }
  return (method: string, path: string) => {
    const exact = fixed.get(`${method} ${path}`);
    if (exact) return { ...exact, values: {} };
    for (const { at, each } of named) {
      const values = each.route.method === method && matchPath(at, path);
      if (values) return { ...each, values };
    }
    return undefined;
  };
}

/** A query where there is one on GET, the JSON body else. */
function inputOf(route: MlflowRoute<never>, event: APIGatewayProxyEvent): Record<string, unknown> {
  const query = event.multiValueQueryStringParameters;
  if (event.httpMethod !== 'GET' || !query || Object.keys(query).length === 0) return bodyOfRequest(event);
  return Object.fromEntries(
    Object.entries(query).map(([name, values]) => [name, route.lists.has(name) ? values : values?.[0]]),
  );
}

/** Above this a body is refused before it is parsed. */
const MAX_BODY_BYTES = 4_500_000;

function bodyOfRequest(event: APIGatewayProxyEvent): Record<string, unknown> {
  if (!event.body) return {};
  const type = Object.entries(event.headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  if (event.httpMethod !== 'GET' && type !== undefined && !/^application\/json\b/i.test(type)) {
    throw TrackingErrors.RequestInvalid(`Bad Request. Content-Type must be one of ['application/json'], got ${type}.`);
  }
  const bytes = Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) {
    throw SharedErrors.BodyTooLarge(`body: got ${bytes.length} bytes, at most ${MAX_BODY_BYTES} are taken`);
  }
  const text = bytes.toString('utf8');
  if (isTooDeep(text)) throw TrackingErrors.RequestInvalid(`body: is nested deeper than ${MAX_DEPTH} levels`);
  const value = parsed(text);
  // Very old clients send their JSON once more encoded.
  const object = typeof value === 'string' ? parsed(value) : value;
  if (object !== null && typeof object === 'object' && !Array.isArray(object)) return object as Record<string, unknown>;
  throw TrackingErrors.RequestInvalid('body: got JSON that is not an object');
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw TrackingErrors.RequestInvalid('body: is not JSON', { cause });
  }
}

/** Characters: some quote what came, and a request may be long. */
const MOST_MESSAGE = 10_000;

const bodyOf = (error: PlatformError) => ({
  error_code: errorCodeOf(error),
  name: error.name,
  message:
    error.kind === 'unexpected'
      ? 'something went wrong here; the log has it under this request id'
      : error.message.slice(0, MOST_MESSAGE),
});

const json = (status: number, body: string): RawAnswer => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body,
});

function proxied({ status, headers, body = '' }: RawAnswer): APIGatewayProxyResult {
  const isBytes = typeof body !== 'string';
  return {
    statusCode: status,
    headers: { 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN', ...headers },
    body: isBytes ? Buffer.from(body).toString('base64') : body,
    isBase64Encoded: isBytes,
  };
}
