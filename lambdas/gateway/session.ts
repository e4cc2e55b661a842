import { randomBytes } from 'node:crypto';
import type { Clock } from '../shared/clock.ts';
import type { Item, Key, Table } from '../shared/table.ts';
import { SESSION_HOURS, type TokenFact } from './contract.ts';
import { findTokenById, hashOf } from './token.ts';

/** Beside the tokens, in a partition of their own; the sort key is the hash of the secret that the browser has. */
const PARTITION = 'sessions';
const keyOf = (secret: string): Key => ({ pk: PARTITION, sk: hashOf(secret) });
const FORM = /^mls_([\w-]{43})$/;

/** Somebody's login in a browser. It has no rights of its own: they are its token's, as they are at each request. */
export interface Session {
  tokenId: string;
  startedAt: string;
  endsAt: string;
}
type StoredSession = Item & Session & { expiresAt: number };

/** Starts a session of a token and gives the text that proves it, of which the table keeps a hash only. */
export async function startSession(
  { table, clock }: { table: Table; clock: Clock },
  tokenId: string,
): Promise<{ session: string; seconds: number }> {
  const now = clock();
  const seconds = SESSION_HOURS * 3600;
  const ends = now.getTime() + seconds * 1000;
  const secret = randomBytes(32).toString('base64url');
  const stored: StoredSession = {
    ...keyOf(secret),
    tokenId,
    startedAt: now.toISOString(),
    endsAt: new Date(ends).toISOString(),
    // A number, by which the table clears up; a token's own `expiresAt` is text, so that tokens stay listed.
    expiresAt: Math.ceil(ends / 1000),
  };
  await table.transact([{ put: stored, when: { absent: true } }]);
  return { session: `mls_${secret}`, seconds };
}

/** The session that a presented text proves and its token, whatever their state, or undefined when it proves none. */
export async function findSession(
  table: Table,
  presented: string,
): Promise<{ session: Session; token: TokenFact } | undefined> {
  const [, secret] = FORM.exec(presented) ?? [];
  const session = secret && ((await table.get(keyOf(secret))) as StoredSession | undefined);
  const token = session && (await findTokenById(table, session.tokenId));
  return token ? { session, token } : undefined;
}

/** Ends a session now; one that is over already stays so. */
export async function endSession(table: Table, presented: string): Promise<void> {
  const [, secret] = FORM.exec(presented) ?? [];
  if (secret) await table.transact([{ remove: keyOf(secret) }]);
}

export function sessionRefusal(
  { tokenId, endsAt }: Session,
  now: Date,
): { name: 'SessionEnded'; message: string } | undefined {
  if (endsAt > now.toISOString()) return undefined;
  return { name: 'SessionEnded', message: `the login with token ${tokenId} ended at ${endsAt}` };
}
