import type { APIGatewayProxyEvent } from 'aws-lambda';
import { proxyRoutes } from '../../lambdas/tracking/artifact-routes.ts';
import { TrackingErrors } from '../../lambdas/tracking/errors.ts';
import { mlflowApi, mount } from '../../lambdas/tracking/mlflow-api.ts';
import {
  type ArtifactOwners,
  modelArtifactRoutes,
  runArtifactRoutes,
} from '../../lambdas/tracking/owned-artifact-routes.ts';
import { memoryArtifacts } from '../fakes/memory-artifacts.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

export interface Sent {
  method?: string;
  /** Behind the tracking URI, as it stands in the request line. */
  path: string;
  body?: Uint8Array | string | object;
  headers?: Record<string, string>;
  roles?: string;
  workspaces?: string;
}

/** What a run `r1`, a logged model `m1` and version 2 of `rain` have as their artifact URIs. */
function ownersAt(uris: Readonly<Record<string, string>>): ArtifactOwners {
  const find = async (id: string) => {
    const artifactUri = uris[id];
    if (artifactUri === undefined) throw TrackingErrors.RunUnknown(`Run with id=${id} not found`);
    return { artifactUri };
  };
  return {
    run: (_workspace, id) => find(id),
    loggedModel: (_workspace, id) => find(id),
    modelVersion: (_workspace, name, version) => find(`${name}/${version}`),
  };
}

/** The artifact routes over a zone in memory, called as API Gateway calls the function. */
export function artifactApi(uris: Readonly<Record<string, string>> = {}, artifacts = memoryArtifacts()) {
  const handle = mlflowApi({
    routes: [
      ...mount(proxyRoutes, () => ({ artifacts })),
      ...mount([...modelArtifactRoutes, ...runArtifactRoutes], () => ({ artifacts, owners: ownersAt(uris) })),
    ],
    requireKnown: async () => {},
    logger: recordingLogger(),
  });
  return {
    artifacts,
    async send(request: Sent) {
      const answer = await handle(eventOf(request));
      const bytes = Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8');
      const isJson = String(answer.headers?.['content-type']).startsWith('application/json');
      return {
        status: answer.statusCode,
        headers: (answer.headers ?? {}) as Record<string, string>,
        bytes,
        // biome-ignore lint/suspicious/noExplicitAny: a JSON answer, which each test knows
        json: isJson && !answer.isBase64Encoded ? (JSON.parse(bytes.toString('utf8')) as any) : undefined,
      };
    },
  };
}

function eventOf({ method = 'GET', path, body, headers = {}, roles = 'scientist', workspaces = '*' }: Sent) {
  const [at = '', query] = path.split('?');
  const values = new URLSearchParams(query);
  const isJson = body !== undefined && typeof body === 'object' && !(body instanceof Uint8Array);
  const bytes = isJson ? JSON.stringify(body) : (body as Uint8Array | string | undefined);
  return {
    httpMethod: method,
    path: `/tracking${at}`,
    headers: { ...(isJson && { 'content-type': 'application/json' }), ...headers },
    queryStringParameters: query ? Object.fromEntries(values) : null,
    multiValueQueryStringParameters: query
      ? Object.fromEntries([...values.keys()].map((name) => [name, values.getAll(name)]))
      : null,
    body: bytes === undefined ? null : Buffer.from(bytes as string).toString('base64'),
    isBase64Encoded: bytes !== undefined,
    requestContext: { authorizer: { tokenId: 't', roles, workspaces } },
  } as unknown as APIGatewayProxyEvent;
}
