import { createHash } from 'node:crypto';
import { type EdgeDecision, type ViewerRequest, viewerRequestFunction } from '../../bin/local/edge-function.ts';
import { edgeEntry } from '../../lambdas/gateway/contract.ts';

/** Tokens that the edge knows, by what they are for. */
export const TOKENS = {
  scientist: { roles: ['scientist'], workspaces: ['default', 'team'] },
  auditor: { roles: ['auditor'], workspaces: ['*'] },
  app: { roles: ['app'], workspaces: ['*'] },
  expired: { roles: ['operator'], workspaces: ['*'], expiresAt: '2020-01-01T00:00:00.000Z' },
  revoked: { roles: ['operator'], workspaces: ['*'], revokedAt: '2020-01-01T00:00:00.000Z' },
} as const;
export type Who = keyof typeof TOKENS | 'unknown' | 'nobody';

const idOf = (who: Who) => `${Object.keys(TOKENS).indexOf(who)}`.padStart(26, '0').replace('-', '9');
const secret = 'x'.repeat(43);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
export const tokenOf = (who: Who) => `mlr_${idOf(who)}_${secret}`;
export const LOGIN = 'l'.repeat(43);

const items = [
  ...Object.entries(TOKENS).map(([who, fact]) => ({
    pk: 'tokens',
    sk: idOf(who as Who),
    secretHash: sha256(secret),
    ...fact,
  })),
  { pk: 'sessions', sk: sha256(LOGIN), tokenId: idOf('scientist'), endsAt: '2999-01-01T00:00:00.000Z' },
  {
    pk: 'sessions',
    sk: sha256('over'.padEnd(43, '-')),
    tokenId: idOf('scientist'),
    endsAt: '2020-01-01T00:00:00.000Z',
  },
];
const store = new Map(
  items.map((item) => edgeEntry(item)).flatMap((entry) => (entry?.value ? [[entry.key, entry.value]] : [])),
);

const decide = viewerRequestFunction({
  async get(key) {
    const value = store.get(key);
    if (value === undefined) throw new Error('KeyNotFound');
    return value;
  },
});

export interface Asked {
  method?: string;
  who?: Who;
  headers?: Record<string, string>;
  cookies?: Record<string, string>;
  query?: Record<string, unknown>;
}

/** What the edge does with a request. */
export function atTheEdge(
  uri: string,
  { method = 'GET', who = 'scientist', headers = {}, cookies = {}, query = {} }: Asked = {},
): Promise<EdgeDecision> {
  const all = {
    host: 'ml.example.org',
    ...(who !== 'nobody' && { authorization: `Bearer ${tokenOf(who)}` }),
    ...headers,
  };
  const valued = (record: Record<string, string>) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, { value }]));
  const request: ViewerRequest = { method, uri, querystring: query, headers: valued(all), cookies: valued(cookies) };
  return decide(request);
}

const A = 'mlflow-artifacts/artifacts';

/** The one table: method, path, and where it goes. docs/decisions/0025-edge.md says it in words. */
export const BEHAVIOURS: readonly [string, string, 'bucket' | 'api'][] = [
  ...(['GET', 'HEAD', 'PUT'] as const).flatMap((method): [string, string, 'bucket'][] => [
    [method, `/api/2.0/${A}/0/r/artifacts/model.bin`, 'bucket'],
    [method, `/ajax-api/2.0/${A}/0/r/artifacts/model.bin`, 'bucket'],
    [method, `/t/team/api/2.0/${A}/0/r/artifacts/a%20b`, 'bucket'],
    [method, `/t/team/ajax-api/2.0/${A}/0/r`, 'bucket'],
  ]),
  ['DELETE', `/api/2.0/${A}/0/r/artifacts/model.bin`, 'api'],
  ['POST', `/api/2.0/${A}/0/r/artifacts/model.bin`, 'api'],
  ['PATCH', `/api/2.0/${A}/0/r`, 'api'],
  ['GET', `/api/2.0/${A}`, 'api'],
  ['GET', `/api/2.0/${A}/`, 'api'],
  ['POST', '/api/2.0/mlflow-artifacts/mpu/create/0/r', 'api'],
  ['GET', '/api/2.0/mlflow-artifacts/presigned/0/r', 'api'],
  ['GET', `/api/3.0/${A}/0/r`, 'api'],
  ['GET', `/x/api/2.0/${A}/0/r`, 'api'],
  ['GET', `/t/TEAM/api/2.0/${A}/0/r`, 'api'],
  ['GET', `/t//api/2.0/${A}/0/r`, 'api'],
  ['GET', '/', 'api'],
  ['GET', '/t/team/', 'api'],
  ['GET', '/static-files/x.js', 'api'],
  ['POST', '/graphql', 'api'],
  ['GET', '/get-artifact', 'api'],
  ['POST', '/t/team/api/2.0/mlflow/runs/create', 'api'],
];
