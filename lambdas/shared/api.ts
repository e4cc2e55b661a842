import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import {
  asPlatformError,
  httpStatus,
  isOwnFault,
  mlflowErrorCode,
  type PlatformError,
  SharedErrors,
} from './errors.ts';
import { jsonLogger, type Logger } from './logger.ts';
import { matchPath, type Route } from './route.ts';

export type ErrorBody = (error: PlatformError) => unknown;

/** MLflow's error body, which the whole control API speaks, with the literal name beside it. */
const mlflowErrorBody: ErrorBody = (error) => ({
  // What MLflow's clients look for when a server lacks a route.
  error_code: error.name === 'RouteMissing' ? 'ENDPOINT_NOT_FOUND' : mlflowErrorCode(error.kind),
  name: error.name,
  message:
    error.kind === 'unexpected' ? 'something went wrong here; the log has it under this request id' : error.message,
});

/** The JSON answer with the headers that every answer carries. */
const jsonAnswer = (statusCode: number, body: unknown): APIGatewayProxyResult => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});

/** An answer that is no JSON, such as a page: it goes out as it is. */
export class HttpAnswer {
  readonly result: APIGatewayProxyResult;
  constructor(result: APIGatewayProxyResult) {
    this.result = result;
  }
}

/** What `api` mounts: a verb's endpoint, or what answers in a shape of its own. */
export interface Mounted {
  readonly route: Pick<Route, 'method' | 'path'>;
  handle(event: APIGatewayProxyEvent, pathValues: Record<string, string>): Promise<unknown>;
}

/** Mounts a domain's endpoints into one function behind `{control}/<domain>/{proxy+}`. */
export function api(endpoints: readonly Mounted[], { logger = jsonLogger }: { logger?: Logger } = {}) {
  const handle = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    const known = endpoints
      .map((each) => ({ each, values: matchPath(each.route.path, event.path) }))
      .filter(({ values }) => values);
    const match = known.find(({ each }) => each.route.method === event.httpMethod);
    if (!match?.values) {
      const others = known.map(({ each }) => each.route.method).join(', ');
      throw SharedErrors.RouteMissing(
        `${event.httpMethod} ${event.path}: there is no such route${others && ` (the path takes ${others})`}`,
      );
    }
    const answer = await match.each.handle(event, match.values);
    return answer instanceof HttpAnswer ? answer.result : jsonAnswer(200, answer ?? {});
  };
  return {
    lambda: () =>
      middy<APIGatewayProxyEvent, APIGatewayProxyResult>(handle)
        .after(({ event, response }) =>
          logger.info('request', { method: event.httpMethod, path: event.path, status: response?.statusCode }),
        )
        .onError((request) => {
          const error = asPlatformError(request.error);
          const { httpMethod: method, path, requestContext } = request.event;
          logger[isOwnFault(error) ? 'error' : 'info']('request', {
            method,
            path,
            status: httpStatus(error),
            error: error.name,
            reason: error.message,
            requestId: requestContext?.requestId,
            stack: error.kind === 'unexpected' ? stackOf(error) : undefined,
          });
          request.response = jsonAnswer(httpStatus(error), mlflowErrorBody(error));
        }),
  };
}

const stackOf = (error: Error) => (error.cause instanceof Error ? error.cause.stack : error.stack);
