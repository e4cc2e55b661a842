import { type Headed, headerValues } from './request-headers.ts';

/** Methods that change nothing, so that whose page asks does not matter: without CORS it cannot read the answer. */
const READS = ['GET', 'HEAD'];
export const changesState = (method: string) => !READS.includes(method);

/**
 * Why the page that sent a request may not change anything here, or undefined when it may.
 * A browser says the origin of every request that changes something, and no page can forge it. Programs say none.
 */
export function originRefusal(request: Headed, { required }: { required: boolean }): string | undefined {
  const origins = headerValues(request, 'origin');
  if (origins.length === 0) return required ? 'origin: got nothing, expected the one of this host' : undefined;
  const foreign = origins.find((origin) => !isOwn(origin, request));
  return foreign === undefined
    ? undefined
    : `origin: got ${JSON.stringify(foreign)}, only pages of this host may ask for changes`;
}

function isOwn(origin: string, request: Headed): boolean {
  const url = URL.parse(origin);
  // The text of an origin and nothing more: no path, no user, and not `null`, which sandboxed frames send.
  if (!url || url.origin !== origin || !isSafe(url)) return false;
  return ownHosts(request).some((host) => URL.parse(`${url.protocol}//${host}`)?.host === url.host);
}

/**
 * Behind the edge the API's own name is in `host` and the one that browsers know in `x-forwarded-host`. A foreign page
 * cannot set that header: it would need a preflight, which nobody here answers.
 */
function ownHosts(request: Headed): string[] {
  const forwarded = headerValues(request, 'x-forwarded-host');
  return forwarded.length > 0 ? forwarded : headerValues(request, 'host');
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
/** Unencrypted only on one's own machine: elsewhere whoever is on the way could have written the page. */
const isSafe = ({ protocol, hostname }: URL) =>
  protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname));
