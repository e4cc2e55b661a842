import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type * as z from 'zod';
import type { Clock } from '../shared/clock.ts';
import type { NewId } from '../shared/ids.ts';
import { ConditionUnmet, type Item, type Key, type Table } from '../shared/table.ts';
import { GatewayErrors, type NewToken, type TokenFact } from './contract.ts';

/** Tokens stand above workspaces (each names its own), so theirs is the one partition without a workspace in front. */
const PARTITION = 'tokens';
const keyOf = (tokenId: string): Key => ({ pk: PARTITION, sk: tokenId });

export interface TokenDeps {
  table: Table;
  clock: Clock;
  newId: NewId;
}

const FORM = /^mlr_([0-9a-z]{26})_([\w-]{43})$/;

type StoredToken = Item & TokenFact & { secretHash: string };

/** Makes a token `mlr_<id>_<secret>`; the table keeps a hash of the secret and this answer alone has the token. */
export async function createToken(
  { table, clock, newId }: TokenDeps,
  input: z.output<typeof NewToken>,
): Promise<TokenFact & { token: string }> {
  const now = clock();
  const tokenId = newId();
  const secret = randomBytes(32).toString('base64url');
  const fact: TokenFact = {
    tokenId,
    name: input.name,
    roles: [...new Set(input.roles)],
    workspaces: [...new Set(input.workspaces)],
    createdAt: now.toISOString(),
  };
  if (input.expiresInDays !== undefined)
    fact.expiresAt = new Date(now.getTime() + input.expiresInDays * 86_400_000).toISOString();
  await table.transact([
    { put: { ...keyOf(tokenId), ...fact, secretHash: hashOf(secret) } as unknown as Item, when: { absent: true } },
  ]);
  return { ...fact, token: `mlr_${tokenId}_${secret}` };
}

export async function listTokens(table: Table): Promise<TokenFact[]> {
  return (await table.query(PARTITION)).map((item) => factOf(item as StoredToken));
}

/**
 * Ends a token's life now; a second time changes nothing.
 * @throws TokenUnknown also for a token that is not the caller's to end
 */
export async function revokeToken(
  { table, clock }: Pick<TokenDeps, 'table' | 'clock'>,
  tokenId: string,
  mayEnd: (token: TokenFact) => boolean = () => true,
): Promise<TokenFact> {
  const stored = (await table.get(keyOf(tokenId))) as StoredToken | undefined;
  if (!stored || !mayEnd(factOf(stored)))
    throw GatewayErrors.TokenUnknown(`tokenId: got ${tokenId}, there is no such token`);
  if (stored.revokedAt) return factOf(stored);
  const revoked = { ...stored, revokedAt: clock().toISOString() };
  try {
    await table.transact([{ put: revoked, when: { equals: { secretHash: stored.secretHash } } }]);
  } catch (error) {
    if (error instanceof ConditionUnmet)
      throw GatewayErrors.TokenUnknown(`tokenId: got ${tokenId}, it is gone`, { cause: error });
    throw error;
  }
  return factOf(revoked);
}

/** The token that a presented text proves, whatever its state, or undefined when it proves none. */
export async function findToken(table: Table, presented: string): Promise<TokenFact | undefined> {
  const [, tokenId, secret] = FORM.exec(presented) ?? [];
  if (!tokenId || !secret) return undefined;
  const stored = (await table.get(keyOf(tokenId))) as StoredToken | undefined;
  // Compared even when nothing is stored, so that a known id answers no slower than an unknown one.
  const expected = stored?.secretHash ?? hashOf('');
  const proved = timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(expected));
  return stored && proved ? factOf(stored) : undefined;
}

/** A token that its own holder has proved by other means. */
export async function findTokenById(table: Table, tokenId: string): Promise<TokenFact | undefined> {
  const stored = (await table.get(keyOf(tokenId))) as StoredToken | undefined;
  return stored && factOf(stored);
}

/** Why a known token is not taken now, or undefined when it is. */
export function refusalOf(
  { tokenId, expiresAt, revokedAt }: TokenFact,
  now: Date,
): { name: 'TokenExpired' | 'TokenRevoked'; message: string } | undefined {
  if (revokedAt) return { name: 'TokenRevoked', message: `token ${tokenId} was revoked at ${revokedAt}` };
  if (expiresAt && expiresAt <= now.toISOString())
    return { name: 'TokenExpired', message: `token ${tokenId} expired at ${expiresAt}` };
  return undefined;
}

/**
 * The token in an Authorization header: Bearer, or Basic with the token as password or as user.
 * Python's requests, and with it the stock MLflow client, makes Basic of `https://<user>:<password>@host`, decoded, and
 * sends nothing at all for a user without a colon: `https://<token>:@host` works, `https://<token>@host` cannot.
 */
export function presentedToken(authorization: string | undefined): string | undefined {
  const [, scheme, value] = /^(bearer|basic)\s+(\S+)$/i.exec(authorization?.trim() ?? '') ?? [];
  if (!scheme || !value) return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  const [user = '', ...rest] = Buffer.from(value, 'base64').toString('utf8').split(':');
  const password = rest.join(':');
  return (FORM.test(user) && !FORM.test(password) ? user : password) || undefined;
}

function factOf({ pk: _pk, sk: _sk, secretHash: _hash, ...fact }: StoredToken): TokenFact {
  return fact;
}

export const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
