import { SearchErrors } from './search-errors.ts';
import { type Token, tokensOf } from './search-lexer.ts';
import {
  type Comparator,
  type Entity,
  EXPERIMENTS,
  LOGGED_MODELS,
  MODEL_VERSIONS,
  REGISTERED_MODELS,
  RUNS,
  type SearchScope,
} from './search-scope.ts';
import { targetOf } from './search-target.ts';
import { comparatorOf, readValue } from './search-value.ts';

/** One comparison of a filter; all clauses of a filter must hold. */
export interface Clause {
  entity: Entity;
  /** The key as the searched thing knows it, aliases resolved. */
  key: string;
  comparator: Comparator;
  /** By entity and comparator: a number, a text, the texts of a list; nothing for IS NULL. */
  value?: number | string | readonly string[];
  /** Set where a thing without the key matches, other than by IS NULL. */
  missingMatches?: true;
}

export const parseRunFilter = (filter: string | undefined): Clause[] => parse(RUNS, filter);
export const parseExperimentFilter = (filter: string | undefined): Clause[] => parse(EXPERIMENTS, filter);
export const parseRegisteredModelFilter = (filter: string | undefined): Clause[] =>
  withoutPrompts(parse(REGISTERED_MODELS, filter));
export const parseModelVersionFilter = (filter: string | undefined): Clause[] =>
  withoutPrompts(parse(MODEL_VERSIONS, filter));
export const parseLoggedModelFilter = (filter: string | undefined): Clause[] => parse(LOGGED_MODELS, filter);

const PROMPT_TAG = 'mlflow.prompt.is_prompt';

/** Prompts are registered models with a tag; who does not ask for them gets none, and models lack the tag. */
function withoutPrompts(clauses: Clause[]): Clause[] {
  const asked = clauses.find(({ entity, key }) => entity === 'tag' && key === PROMPT_TAG);
  const value = String(asked?.value).toLowerCase();
  const wanted = asked?.comparator === '=' ? value === 'true' : asked?.comparator === '!=' && value === 'false';
  if (wanted) return clauses;
  const others = clauses.filter((clause) => clause.entity !== 'tag' || clause.key !== PROMPT_TAG);
  return [...others, { entity: 'tag', key: PROMPT_TAG, comparator: '!=', value: 'true', missingMatches: true }];
}

const isWord = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'word' && token.text.toUpperCase() === text;

const shown = (tokens: readonly Token[]): string => tokens.map(({ text }) => text).join(' ');

function parse(scope: SearchScope, filter: string | undefined): Clause[] {
  const tokens = tokensOf(filter ?? '');
  const clauses: Clause[] = [];
  for (let at = 0; at < tokens.length; ) {
    if (clauses.length > 0) {
      if (!isWord(tokens[at], 'AND')) throw notAnded(filter!, tokens.slice(at));
      at++;
    }
    const { clause, next } = clauseAt(scope, tokens, at);
    clauses.push(clause);
    at = next;
  }
  return clauses;
}

function notAnded(filter: string, rest: Token[]): Error {
  if (rest[0]!.text === ';' && rest.length > 1)
    return SearchErrors.SearchFilterInvalid(
      `Search filter contained multiple expression '${filter}': give one, its clauses joined by AND`,
    );
  return invalidClause(rest, 'clauses are joined by AND, and by nothing else');
}

const invalidClause = (tokens: readonly Token[], rule: string): Error =>
  SearchErrors.SearchFilterInvalid(`Invalid clause(s) in filter string: '${shown(tokens)}': ${rule}`);

function clauseAt(scope: SearchScope, tokens: readonly Token[], start: number): { clause: Clause; next: number } {
  const left = tokens[start];
  const rest = tokens.slice(start, start + 6);
  if (left === undefined) throw invalidClause(tokens.slice(start - 1), 'a clause must follow AND');
  if (left.kind === 'mark' || left.kind === 'operator') throw invalidClause(rest, 'a clause begins with a key');
  if (left.kind === 'text' || /^[+-]?\.?\d/.test(left.text))
    throw SearchErrors.SearchFilterInvalid(
      `Invalid comparison clause. Expected 'Identifier' found '${left.text}': the key stands left, as in metrics.acc > 0.9`,
    );
  const found = comparatorOf(tokens, start + 1);
  if (found === undefined) throw invalidClause(rest, 'a key is followed by a comparator and a value');
  const target = targetOf(scope, left);
  const { value, next } = readValue(scope, target, found.comparator, tokens, found.next);
  const { entity, key } = target;
  return { clause: { entity, key, comparator: found.comparator as Comparator, value }, next };
}
