import { PUBLIC_PATHS } from './contract.ts';

/** Names as bundlers write them. Anything else in a path, such as `..` or `%2f`, makes it no public one. */
const FILE = String.raw`(?:[\w-][\w.-]*/)*[\w-][\w.-]*`;
const WORKSPACE = '[a-z0-9][a-z0-9-]{0,62}';

const PATTERNS = PUBLIC_PATHS.map(([method, path]) => ({
  method,
  pattern: new RegExp(`^${path.replace('{workspace}', WORKSPACE).replace('{file+}', FILE)}$`),
}));

/** Whether a request to the control API needs no credential. */
export const isPublic = (method: string, path: string): boolean =>
  PATTERNS.some((each) => each.method === method && each.pattern.test(path));

/** The tracking API's paths are those that a login in a browser is good for: no page can make tokens with it. */
export const takesCookie = (path: string): boolean => /^\/tracking(\/|$)/.test(path);
