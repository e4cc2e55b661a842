import { SearchErrors } from './search-errors.ts';

/**
 * One token of a filter or an order clause. A `word` is a key, a keyword or a number: only its place tells which.
 * `path` splits a word at its first dot outside quotes, and has the quotes of its key taken off.
 */
export type Token =
  | Word
  | { kind: 'text'; text: string; value: string }
  | { kind: 'operator'; text: string }
  | { kind: 'mark'; text: string };

export interface Word {
  kind: 'word';
  text: string;
  path: KeyPath;
}

export interface KeyPath {
  /** Absent in `status`, `metrics` in `metrics.acc`. */
  entity?: string;
  key: string;
}

const SPACE = /\s/;
const OPERATOR = /[=<>!~]/;
const MARK = /[(),;]/;
const QUOTE = /['"`]/;
/** More than any filter that people or the UI write; it bounds what one request can make us compare. */
const MAX_FILTER_LENGTH = 50_000;

/** The tokens of a filter string. Keys may hold `-`, `/` and `:` without quotes: after the entity nothing else can be meant. */
export function tokensOf(filter: string): Token[] {
  if (filter.length > MAX_FILTER_LENGTH)
    throw SearchErrors.SearchFilterInvalid(
      `Invalid filter: it has ${filter.length} characters, at most ${MAX_FILTER_LENGTH} are read`,
    );
  const tokens: Token[] = [];
  for (let at = 0; at < filter.length; ) {
    const char = filter[at]!;
    if (SPACE.test(char)) at++;
    else {
      const token = tokenAt(filter, at);
      tokens.push(token);
      at += token.text.length;
    }
  }
  return tokens;
}

function tokenAt(filter: string, at: number): Token {
  const char = filter[at]!;
  if (MARK.test(char)) return { kind: 'mark', text: char };
  if (OPERATOR.test(char)) return { kind: 'operator', text: filter.slice(at, runEnd(filter, at, OPERATOR)) };
  if (char === '`' || !QUOTE.test(char)) return wordAt(filter, at);
  const text = quotedAt(filter, at);
  return { kind: 'text', text, value: unquoted(text) };
}

/** A word: bare characters, and quotes where the entity or the key begins. */
function wordAt(filter: string, start: number): Word {
  const parts: string[] = [];
  let at = start;
  for (;;) {
    // Only the first dot separates; the rest of a bare key may hold more (`tags.mlflow.source.name`).
    const part = QUOTE.test(filter[at] ?? '') ? quotedAt(filter, at) : bareAt(filter, at, parts.length === 0);
    parts.push(part);
    at += part.length;
    if (parts.length === 2 || filter[at] !== '.') break;
    at++;
  }
  const [first, second] = parts as [string, string | undefined];
  const path = second === undefined ? { key: unquoted(first) } : { entity: unquoted(first), key: unquoted(second) };
  return { kind: 'word', text: filter.slice(start, at), path };
}

function bareAt(filter: string, start: number, untilDot: boolean): string {
  let at = start;
  for (; at < filter.length; at++) {
    const char = filter[at]!;
    if (SPACE.test(char) || OPERATOR.test(char) || MARK.test(char) || QUOTE.test(char)) break;
    // A dot that begins a number (`.5`) or stands in one (`1.5`) separates nothing.
    if (untilDot && char === '.' && !/^[+-]?\d*$/.test(filter.slice(start, at))) break;
  }
  return filter.slice(start, at);
}

/** Quotes and what is between; two quotes in a row inside stand for one. */
function quotedAt(filter: string, start: number): string {
  const quote = filter[start]!;
  for (let at = start + 1; at < filter.length; at++) {
    if (filter[at] !== quote) continue;
    if (filter[at + 1] !== quote || at === start + 1) return filter.slice(start, at + 1);
    at++;
  }
  throw SearchErrors.SearchFilterInvalid(
    `Invalid clause(s) in filter string: ${filter.slice(start)}: the quote ${quote} at character ${start + 1} is never closed`,
  );
}

function unquoted(text: string): string {
  const quote = text[0] ?? '';
  if (text.length < 2 || !QUOTE.test(quote)) return text;
  return text.slice(1, -1).replaceAll(quote + quote, quote);
}

function runEnd(text: string, start: number, of: RegExp): number {
  let at = start;
  while (at < text.length && of.test(text[at]!)) at++;
  return at;
}
