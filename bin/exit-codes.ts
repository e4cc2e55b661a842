import type { ErrorKind } from '../lambdas/shared/errors.ts';

/** What a script can tell from how a command ended. 75 is sysexits' "try again later", 70 its "internal error". */
export const EXIT_CODES: Readonly<Record<ErrorKind, number>> = {
  invalid: 2,
  unauthenticated: 3,
  denied: 3,
  missing: 4,
  exists: 5,
  conflict: 5,
  throttled: 75,
  unavailable: 75,
  unexpected: 70,
};
