import type { APIGatewayProxyEvent } from 'aws-lambda';

interface InferEventOptions {
  method?: string;
  /** Behind `/rain`. @default the infer path of model rain */
  path?: string;
  /** A value to send as JSON, or a text to send as it is. */
  body?: unknown;
  authorizer?: Record<string, string> | null;
  isBase64Encoded?: boolean;
}

/** One row for the model of test/builders/rain-bundle.ts. */
export const aRow = ({ temp = 12, wind = 4 } = {}) => ({
  inputs: [
    { name: 'temp_max', datatype: 'FP32', shape: [1, 1], data: [temp] },
    { name: 'wind', datatype: 'FP32', shape: [1, 1], data: [wind] },
  ],
});

/** What API Gateway sends to endpoint `rain`, as far as the handler reads it. */
export function anInferEvent({
  method = 'POST',
  path = '/v2/models/rain/infer',
  body = aRow(),
  authorizer = { tokenId: 'token-1', roles: 'app', workspaces: 'default' },
  isBase64Encoded = false,
}: InferEventOptions = {}): APIGatewayProxyEvent {
  return {
    httpMethod: method,
    path: `/rain${path}`,
    body: method === 'GET' ? null : typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded,
    headers: {},
    requestContext: { authorizer },
  } as unknown as APIGatewayProxyEvent;
}
