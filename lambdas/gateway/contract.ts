import * as z from 'zod';
import { errorCatalogue } from '../shared/errors.ts';
import { ROLES, route } from '../shared/route.ts';

export { type EdgeEntry, edgeEntry, type TokenItem } from './edge-record.ts';

export const GatewayErrors = errorCatalogue({
  TokenUnknown: 'missing',
  RoleNotYours: 'denied',
});

/** A token as its owner sees it: never the secret, which is shown once. */
export interface TokenFact {
  tokenId: string;
  name: string;
  roles: string[];
  /** `*` for all of them. */
  workspaces: string[];
  createdAt: string;
  expiresAt?: string;
  revokedAt?: string;
}

export const NewToken = z.strictObject({
  name: z.string().min(1).max(100),
  roles: z.array(z.enum(ROLES)).min(1),
  workspaces: z
    .array(
      z
        .string()
        .regex(/^(\*|[a-z0-9][a-z0-9-]{0,62})$/, 'a workspace is lower-case letters, digits and hyphens, or * for all'),
    )
    .min(1)
    .default(['default']),
  /** Days until it expires; without it the token lives until it is revoked. */
  expiresInDays: z.number().positive().max(3650).optional(),
});

export const GatewayRoutes = {
  createToken: route<TokenFact & { token: string }>()({
    method: 'POST',
    path: '/gateway/tokens',
    roles: ['operator'],
    input: NewToken,
  }),
  listTokens: route<{ tokens: TokenFact[] }>()({
    method: 'GET',
    path: '/gateway/tokens',
    roles: ['operator', 'auditor'],
    input: z.object({}),
  }),
  revokeToken: route<TokenFact>()({
    method: 'DELETE',
    path: '/gateway/tokens/{tokenId}',
    roles: ['operator'],
    input: z.object({ tokenId: z.string() }),
  }),
};

/** Hours that a login in a browser lasts. */
export const SESSION_HOURS = 12;

/** Who has something to do in the tracking UI: everyone but apps, which have the inference API. */
export const LOGIN_ROLES = ROLES.filter((role) => role !== 'app');

/** The pages that people log in and out with, below the tracking API's path: the browser has its cookie for one host. */
export const GatewayPages = {
  showLogin: { method: 'GET', path: '/tracking/login' },
  logIn: { method: 'POST', path: '/tracking/login' },
  logOut: { method: 'POST', path: '/tracking/logout' },
} as const;

/**
 * What the control API's authorizer lets through without a credential, and nothing else is. `{workspace}` is the name
 * of one, `{file+}` a file of the UI's bundle. Whoever answers there knows no caller, so that all else is refused.
 */
export const PUBLIC_PATHS = [
  ['GET', '/tracking/health'],
  ['GET', '/tracking/version'],
  ['GET', '/tracking'],
  ['GET', '/tracking/'],
  ['GET', '/tracking/static-files/{file+}'],
  ['GET', '/tracking/t/{workspace}'],
  ['GET', '/tracking/t/{workspace}/'],
  ['GET', '/tracking/t/{workspace}/static-files/{file+}'],
  ['GET', '/tracking/login'],
  ['POST', '/tracking/login'],
] as const;

export const GatewayEnv = z.object({ TOKEN_TABLE: z.string() });

/** What keeps the edge in step with the token table. */
export const PublishTokensEnv = z.object({ EDGE_KEYS_ARN: z.string() });
export const PublishAllTokensEnv = PublishTokensEnv.extend(GatewayEnv.shape);
