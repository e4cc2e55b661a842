import { digestOfJson, hexOf } from '../shared/digest.ts';
import { SearchErrors } from './search-errors.ts';

/** What a page token is good for: the same search, whose pages it divides. */
export interface PagedQuery {
  workspace: string;
  /** The kind of search: a token of a search for runs opens none for experiments. */
  of: string;
  filter?: string;
  orderBy?: readonly unknown[];
  view?: string;
  within?: readonly string[];
  /** Anything else that changes the result. */
  more?: unknown;
}

/** A place in an order, as JSON. The search that made it reads it back, and must check its shape. */
export type Position = number | readonly (number | string | null)[];

interface TokenBody {
  /** Version of this shape. */
  v: 1;
  p: Position;
  /** Of the query. */
  q: string;
  /** Of the position and the query: a token that was cut or edited is told from one of another query. */
  c: string;
}

const stamp = (value: unknown): string => hexOf(digestOfJson(value)).slice(0, 16);

export function pageTokenOf(query: PagedQuery, position: Position): string {
  const q = stamp(query);
  const body: TokenBody = { v: 1, p: position, q, c: stamp([q, position]) };
  return Buffer.from(JSON.stringify(body)).toString('base64url');
}

/** The position that a token holds; undefined for the first page. */
export function positionOf(query: PagedQuery, token: string | undefined): Position | undefined {
  if (token === undefined || token === '') return undefined;
  const body = bodyOf(token);
  if (body.q !== stamp(query))
    throw SearchErrors.PageTokenInvalid(
      'Invalid page token: it belongs to another search. Filter, order_by, view type, experiments and workspace stay the same from page to page',
    );
  return body.p;
}

function bodyOf(token: string): TokenBody {
  try {
    const body = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as TokenBody;
    if (body.v === 1 && typeof body.q === 'string' && body.c === stamp([body.q, body.p])) return body;
  } catch {
    // Falls through: all damage is told alike.
  }
  const shown = token.length > 40 ? `${token.slice(0, 40)}...` : token;
  throw SearchErrors.PageTokenInvalid(`Invalid page token '${shown}': it is not one that this server gave, unchanged`);
}
