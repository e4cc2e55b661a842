import * as z from 'zod';

/**
 * Where a login leads: a path below the tracking URI, with a query or none, written relative to it. It has no slash,
 * backslash or scheme at its beginning and no `..`, so that it can leave neither the host nor the tracking URI.
 */
export const NextPath = z
  .string()
  .max(1000)
  .regex(/^(?:[\w-][\w.-]*\/)*(?:[\w-][\w.-]*)?(?:\?[\w.~%&=+-]*)?$/, 'expected a path below the tracking URI')
  .default('');

/** Relative to the page that answers, so that it holds behind any host and prefix. */
export const locationOf = (next: string) => `./${next}`;
