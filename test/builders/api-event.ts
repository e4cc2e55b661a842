import type { APIGatewayProxyEvent } from 'aws-lambda';

export interface ApiEventParts {
  method?: string;
  path?: string;
  query?: Record<string, string | readonly string[]>;
  headers?: Record<string, string>;
  /** Sent as JSON, or as it is when it is text. */
  body?: unknown;
  isBase64Encoded?: boolean;
  /** What the authorizer passed on; null: no authorizer ran. */
  caller?: { tokenId?: string; roles?: string; workspaces?: string } | null;
}

/** A request as API Gateway hands it to a function behind a Lambda authorizer. */
export function anApiEvent({
  method = 'GET',
  path = '/',
  query,
  headers = {},
  body,
  isBase64Encoded = false,
  caller,
}: ApiEventParts = {}) {
  const authorizer = caller === null ? null : { tokenId: 't-1', roles: 'scientist', workspaces: '*', ...caller };
  return {
    httpMethod: method,
    path,
    resource: path,
    headers,
    queryStringParameters:
      query === undefined ? null : mapped(query, (value) => (typeof value === 'string' ? value : value.at(-1))),
    multiValueQueryStringParameters: query === undefined ? null : mapped(query, (value) => [value].flat()),
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded,
    requestContext: { requestId: 'request-1', authorizer },
  } as unknown as APIGatewayProxyEvent;
}

const mapped = <T, R>(record: Record<string, T>, change: (value: T) => R) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
