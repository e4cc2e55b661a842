import { type Headed, headerValues } from '../shared/request-headers.ts';

/**
 * The prefix has browsers take it only from this very host, encrypted, for all of its paths: no neighbour below the
 * same domain can plant one.
 */
const NAME = '__Host-millrace';
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Strict';

export const loginCookie = (session: string, seconds: number) =>
  `${NAME}=${session}; Max-Age=${seconds}; ${ATTRIBUTES}`;
export const clearedCookie = () => `${NAME}=; Max-Age=0; ${ATTRIBUTES}`;

/** The session in a request's cookies, or undefined where there is none. */
export function presentedSession(request: Headed): string | undefined {
  const cookies = headerValues(request, 'cookie').flatMap((value) => value.split(';'));
  const own = cookies.map((each) => each.trim()).find((each) => each.startsWith(`${NAME}=`));
  return own?.slice(NAME.length + 1) || undefined;
}
