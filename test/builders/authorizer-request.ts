import type { AuthorizerRequest } from '../../lambdas/gateway/authorize.ts';

export interface AuthorizerRequestParts {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  api?: 'control' | 'inference';
}

/** A request as API Gateway shows it to the authorizer, on a host of its own. */
export function anAuthorizerRequest({
  method = 'GET',
  path = '/data/datasets',
  headers = {},
  api = 'control',
}: AuthorizerRequestParts = {}): AuthorizerRequest {
  const all = { Host: 'mill.example', ...headers };
  return {
    httpMethod: method,
    path,
    methodArn: `arn:aws:execute-api:us-east-1:000000000000:abc/v1/${method}${path}`,
    headers: all,
    multiValueHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]])),
    stageVariables: { api },
  };
}
