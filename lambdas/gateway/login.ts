import type { Clock } from '../shared/clock.ts';
import type { PageAnswer, PageRequest } from '../shared/page-answer.ts';
import { headerValues } from '../shared/request-headers.ts';
import type { Table } from '../shared/table.ts';
import { LOGIN_ROLES } from './contract.ts';
import { loginCookie } from './login-cookie.ts';
import { fromElsewhere, loggedIn, loginForm } from './login-page.ts';
import { locationOf } from './next-path.ts';
import { startSession } from './session.ts';
import { findToken, refusalOf } from './token.ts';

/** The form; who is logged in sees that, and who comes from another site is asked once more, with their cookie. */
export async function showLogin(
  _deps: object,
  { next }: { next: string },
  { caller, event }: PageRequest,
): Promise<PageAnswer> {
  const location = locationOf(next);
  if (caller) return loggedIn(caller.tokenId, location);
  return headerValues(event, 'sec-fetch-site').includes('cross-site') ? fromElsewhere(location) : loginForm(200);
}

/** Takes a token for a session and leads on; a token that is not taken gives the form again, and why. */
export async function logIn(
  deps: { table: Table; clock: Clock },
  { token: text, next }: { token: string; next: string },
): Promise<PageAnswer> {
  const token = await findToken(deps.table, text.trim());
  if (!token) return loginForm(401, 'This is no token that is known here.');
  const refusal = refusalOf(token, deps.clock());
  if (refusal) return loginForm(401, `The ${refusal.message}.`);
  if (!LOGIN_ROLES.some((role) => token.roles.includes(role)))
    return loginForm(403, `This token has the roles ${token.roles.join(', ')}, and none that may look in here.`);
  const { session, seconds } = await startSession(deps, token.tokenId);
  return { status: 303, headers: { location: locationOf(next), 'set-cookie': loginCookie(session, seconds) } };
}
