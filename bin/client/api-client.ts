import type * as z from 'zod';
import { type ErrorKind, PlatformError, SharedErrors } from '../../lambdas/shared/errors.ts';
import { retrying } from '../../lambdas/shared/retry.ts';
import { fillPath, type Route } from '../../lambdas/shared/route.ts';

export interface Connection {
  /** URL of the control API, with a slash at its end or without. */
  control: string;
  /** URL of the inference API; null for a stage without endpoints. */
  inference: string | null;
  token: string;
  /** @default default */
  workspace?: string;
}

/** Calls verbs of the control API by their route: the input is checked by the server, the answer has the route's type. */
export interface ApiClient {
  readonly connection: Connection;
  call<Input extends z.ZodType, Output>(route: Route<Input, Output>, input: z.input<Input>): Promise<Output>;
  /** A request to an endpoint of the inference API, such as `rain/v2/models/rain/infer`. */
  infer(path: string, body?: unknown): Promise<{ status: number; body: unknown; headers: Headers }>;
}

const KIND_OF_STATUS: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'denied',
  404: 'missing',
  409: 'conflict',
  413: 'invalid',
  429: 'throttled',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

export function apiClient(connection: Connection): ApiClient {
  const headers = {
    authorization: `Bearer ${connection.token}`,
    'content-type': 'application/json',
    'x-millrace-workspace': connection.workspace ?? 'default',
  };
  const url = (base: string, path: string) => `${base.replace(/\/$/, '')}/${path.replace(/^\//, '')}`;

  return {
    connection,
    async call(route, input) {
      const { path, rest } = fillPath(route.path, input as Record<string, unknown>);
      const query = new URLSearchParams(
        Object.entries(rest).flatMap(([key, value]) =>
          value === undefined ? [] : [[key, String(value)] as [string, string]],
        ),
      );
      const isGet = route.method === 'GET';
      const target = url(connection.control, path) + (isGet && query.size ? `?${query}` : '');
      const send = async () => {
        const response = await reach(target, {
          method: route.method,
          headers,
          body: isGet ? undefined : JSON.stringify(rest),
        });
        const text = await response.text();
        if (!response.ok) throw errorOf(response.status, text, `${route.method} ${path}`);
        return JSON.parse(text) as never;
      };
      // A throttled call did nothing. An unavailable one may have: what would then happen twice carries a dedupe key.
      return retrying(
        send,
        (error) => error instanceof PlatformError && ['throttled', 'unavailable'].includes(error.kind),
        { attempts: 5, baseMs: 200 },
      );
    },
    async infer(path, body) {
      if (connection.inference === null)
        throw SharedErrors.RouteMissing('the stage has no endpoints, and so no inference API');
      const response = await reach(url(connection.inference, path), {
        method: body === undefined ? 'GET' : 'POST',
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text ? parseOr(text) : undefined };
    },
  };
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    const reason = (cause as { cause?: { code?: string } }).cause?.code ?? (cause as Error).message;
    throw SharedErrors.ServiceUnavailable(`${new URL(url).origin} does not answer: ${reason}`, { cause });
  }
}

function errorOf(status: number, text: string, call: string): PlatformError {
  const body = parseOr(text) as { name?: string; message?: string; error?: string } | string;
  const known = typeof body === 'object' && body !== null ? body : {};
  const message = known.message ?? known.error ?? `${call} answered ${status}: ${text.slice(0, 200)}`;
  const kind = KIND_OF_STATUS[status] ?? 'unexpected';
  return new PlatformError(kind, known.name ?? 'Unexpected', message);
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
