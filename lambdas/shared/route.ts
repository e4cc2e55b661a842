import type * as z from 'zod';

/** What a token may do; every route names the roles that may call it. */
export const ROLES = ['scientist', 'engineer', 'operator', 'approver', 'auditor', 'app'] as const;
export type Role = (typeof ROLES)[number];

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * One verb of a domain's API. Names in braces in the path, the query of a GET and the JSON body of the others
 * make one input object, checked by one schema. `{name+}` takes the rest of the path.
 */
export interface Route<Input extends z.ZodType = z.ZodType, Output = unknown> {
  readonly method: Method;
  readonly path: string;
  readonly roles: readonly Role[];
  readonly input: Input;
  /** Only its type counts: what the verb answers with. */
  readonly output?: Output;
}

/** `route<Answer>()({ method, path, roles, input })`: the answer's type travels with the route to the client. */
export const route =
  <Output>() =>
  <Input extends z.ZodType>(definition: Omit<Route<Input>, 'output'>): Route<Input, Output> =>
    definition;

export type RouteTable = Readonly<Record<string, Route>>;

/** The values of the path's braces, or undefined when the path is another one. Segments are decoded once. */
export function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/').filter(Boolean);
  const given = path.split('/').slice(1);
  const rest = wanted.at(-1)?.endsWith('+}') ?? false;
  if (rest ? given.length < wanted.length : given.length !== wanted.length) return undefined;
  const values: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const segment = rest && i === wanted.length - 1 ? given.slice(i).join('/') : (given[i] ?? '');
    if (!part.startsWith('{')) {
      if (part !== segment) return undefined;
      continue;
    }
    const decoded = decode(segment);
    if (decoded === undefined || decoded === '') return undefined;
    values[part.replace(/[{+}]/g, '')] = decoded;
  }
  return values;
}

/** The path with its braces filled in, and what of the input is left for query or body. */
export function fillPath(
  template: string,
  input: Record<string, unknown>,
): { path: string; rest: Record<string, unknown> } {
  const rest = { ...input };
  const path = template.replace(/\{(\w+)(\+?)\}/g, (_, name: string, plus: string) => {
    const value = String(rest[name]);
    delete rest[name];
    return plus ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
  });
  return { path, rest };
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
