import type { Clause } from './search-filter.ts';

/** A thing that can be searched, as its clauses see it. A key that is not there is undefined. */
export interface Searchable {
  metric(key: string): number | undefined;
  param(key: string): string | undefined;
  tag(key: string): string | undefined;
  /** By MLflow's name (`start_time`, `source_path`); times in milliseconds. */
  attribute(name: string): string | number | undefined;
  datasets(): readonly SearchableDataset[];
}

export interface SearchableDataset {
  name: string;
  digest: string;
  context?: string;
}

/** Whether a thing matches all clauses. */
export const matches = (clauses: readonly Clause[], thing: Searchable): boolean =>
  clauses.every((clause) => matchesClause(clause, thing));

function matchesClause(clause: Clause, thing: Searchable): boolean {
  if (clause.entity !== 'dataset') return matchesValue(clause, fieldOf(thing, clause.entity, clause.key));
  const key = clause.key as keyof SearchableDataset;
  return thing.datasets().some((dataset) => matchesValue(clause, dataset[key]));
}

export function fieldOf(thing: Searchable, entity: Clause['entity'], key: string): string | number | undefined {
  if (entity === 'metric') return thing.metric(key);
  if (entity === 'parameter') return thing.param(key);
  if (entity === 'tag') return thing.tag(key);
  return thing.attribute(key);
}

/** Whether one value matches: a missing one matches IS NULL alone, and NaN nothing but `!=`. */
export function matchesValue(clause: Clause, value: string | number | undefined): boolean {
  if (value === undefined) return clause.comparator === 'IS NULL' || clause.missingMatches === true;
  const wanted = clause.value as string;
  switch (clause.comparator) {
    case '=':
      return value === wanted;
    case '!=':
      return value !== wanted;
    case '>':
      return value > wanted;
    case '>=':
      return value >= wanted;
    case '<':
      return value < wanted;
    case '<=':
      return value <= wanted;
    case 'IN':
      return (clause.value as readonly string[]).includes(value as string);
    case 'NOT IN':
      return !(clause.value as readonly string[]).includes(value as string);
    case 'LIKE':
      return like(String(value), wanted);
    case 'ILIKE':
      return like(String(value).toLowerCase(), wanted.toLowerCase());
    case 'IS NULL':
      return false;
    case 'IS NOT NULL':
      return true;
  }
}

const PERCENT = 37;
const UNDERSCORE = 95;
const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

/**
 * SQL's LIKE: `%` is any text, `_` one character (a surrogate pair is one). Goes back to the last `%` only, so that a
 * pattern of many costs length × pattern and not a power of it, as a regular expression would.
 */
export function like(text: string, pattern: string): boolean {
  let at = 0;
  let want = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const code = pattern.charCodeAt(want);
    if (code === PERCENT) {
      star = want++;
      resume = at;
    } else if (code === UNDERSCORE) {
      at += isLow(text.charCodeAt(at + 1)) && !isLow(text.charCodeAt(at)) ? 2 : 1;
      want++;
    } else if (code === text.charCodeAt(at)) {
      at++;
      want++;
    } else if (star >= 0) {
      at = ++resume;
      want = star + 1;
    } else return false;
  }
  while (pattern.charCodeAt(want) === PERCENT) want++;
  return want === pattern.length;
}
