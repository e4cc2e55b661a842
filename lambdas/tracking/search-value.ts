import { SearchErrors } from './search-errors.ts';
import type { Token } from './search-lexer.ts';
import {
  LIST_COMPARATORS,
  NULL_COMPARATORS,
  NUMBER_COMPARATORS,
  type SearchScope,
  TEXT_COMPARATORS,
} from './search-scope.ts';
import type { Target } from './search-target.ts';

const NUMBER = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const INTEGER = /^-?\d+$/;
/** Comparators in letters, those that no search takes among them: they get a text that says which it takes. */
const WORDS = ['LIKE', 'ILIKE', 'RLIKE', 'IN', 'IS NULL', 'IS NOT NULL', 'NOT IN', 'NOT LIKE', 'NOT ILIKE'];

/** The comparator at a place: an operator, or up to three words. Undefined where there is none. */
export function comparatorOf(tokens: readonly Token[], at: number): { comparator: string; next: number } | undefined {
  const token = tokens[at];
  if (token?.kind === 'operator') return { comparator: token.text, next: at + 1 };
  for (const length of [3, 2, 1]) {
    const words = tokens.slice(at, at + length);
    const text = words.map((word) => word.text.toUpperCase()).join(' ');
    if (words.every(({ kind }) => kind === 'word') && WORDS.includes(text))
      return { comparator: text, next: at + length };
  }
  return undefined;
}

type Value = number | string | readonly string[] | undefined;

/** Reads the value of a clause. Refuses first a value of the wrong type and then the comparator, as the stock server does. */
export function readValue(
  scope: SearchScope,
  target: Target,
  comparator: string,
  tokens: readonly Token[],
  at: number,
): { value: Value; next: number } {
  if (NULL_COMPARATORS.includes(comparator as 'IS NULL')) {
    checkNullable(scope, target);
    return { value: undefined, next: at };
  }
  const token = tokens[at];
  if (token === undefined || token.text === ';')
    throw SearchErrors.SearchFilterInvalid(
      `Invalid clause(s) in filter string: '${target.shown} ${comparator}': a value must follow the comparator`,
    );
  const inList = LIST_COMPARATORS.includes(comparator as 'IN');
  if (inList && token.text !== '(')
    throw SearchErrors.SearchFilterInvalid(
      `Invalid clause(s) in filter string: '${target.shown} ${comparator} ${token.text}': a list in parentheses must follow ${comparator}`,
    );
  const list = token.text === '(' ? listAt(tokens, at) : undefined;
  const value = typedValue(scope, target, token, list);
  checkComparator(scope, target, comparator);
  if (list !== undefined && !inList)
    throw SearchErrors.SearchFilterInvalid(
      `Invalid clause(s) in filter string: '${target.shown} ${comparator} (': only IN and NOT IN take a list`,
    );
  return { value, next: list?.next ?? at + 1 };
}

function checkNullable(scope: SearchScope, { entity, shown }: Target): void {
  if (scope.nullable.includes(entity)) return;
  const takes = scope.nullable.map((name) => (name === 'parameter' ? 'params' : `${name}s`)).join(' and ');
  throw SearchErrors.SearchFilterInvalid(
    takes === ''
      ? `IS NULL / IS NOT NULL is not supported by this search, it was asked of ${entity} '${shown}'`
      : `IS NULL / IS NOT NULL is only supported for ${takes}, not for ${entity} '${shown}'`,
  );
}

function checkComparator(scope: SearchScope, { entity, rule, shown }: Target, comparator: string): void {
  const takesList = scope.lists.includes(entity) || rule?.list === true;
  const valid: readonly string[] =
    entity === 'metric' || rule?.kind === 'number' || rule?.kind === 'integer'
      ? NUMBER_COMPARATORS
      : [
          ...(rule?.kind === 'digits' ? ['=', '!='] : TEXT_COMPARATORS),
          ...(takesList ? LIST_COMPARATORS : []),
          ...(scope.nullable.includes(entity) ? NULL_COMPARATORS : []),
        ];
  if (!valid.includes(comparator))
    throw SearchErrors.SearchFilterInvalid(
      `Invalid comparator '${comparator}' not one of '${valid.join("', '")}', which ${entity} '${shown}' takes`,
    );
}

function typedValue(scope: SearchScope, target: Target, token: Token, list: List | undefined): Value {
  const { entity, rule, shown } = target;
  if (entity === 'metric') return numberOf(token, `Expected numeric value type for metric. Found ${token.text}`);
  if (rule?.kind === 'number' || rule?.kind === 'integer') return attributeNumber(target, token);
  if (list) return listValue(scope, target, list);
  if (token.kind === 'text') return rule?.kind === 'digits' ? digitsOf(shown, token.value) : token.value;
  if (scope.bareText && NUMBER.test(token.text)) return token.text;
  if (token.kind === 'word' && !NUMBER.test(token.text) && token.text.toUpperCase() !== 'NULL')
    throw SearchErrors.SearchFilterInvalid(
      `Parameter value is either not quoted or unidentified quote types used for string value ${token.text}. ` +
        `Use either single or double quotes`,
    );
  const what = entity === 'attribute' ? 'attributes' : entity === 'dataset' ? 'dataset attributes' : entity;
  throw SearchErrors.SearchFilterInvalid(
    `Expected a quoted string value for ${what} (e.g. 'my-value'). Got value ${token.text}`,
  );
}

function numberOf(token: Token, otherwise: string): number {
  if (token.kind === 'word' && NUMBER.test(token.text)) return Number(token.text);
  throw SearchErrors.SearchFilterInvalid(otherwise);
}

function attributeNumber({ rule, shown }: Target, token: Token): number {
  if (rule!.quoted && token.kind === 'text' && INTEGER.test(token.value)) return Number(token.value);
  const value = rule!.quoted
    ? numberOf(token, `Invalid value for numeric attribute '${shown}': ${token.text}`)
    : numberOf(token, `Expected numeric value type for numeric attribute: ${shown}. Found ${token.text}`);
  if (rule!.kind === 'integer' && !INTEGER.test(token.text))
    throw SearchErrors.SearchFilterInvalid(
      `Invalid value for numeric attribute '${shown}': ${token.text} is not an integer`,
    );
  return value;
}

interface List {
  tokens: readonly Token[];
  next: number;
}

function listAt(tokens: readonly Token[], open: number): List {
  const close = tokens.findIndex(({ text, kind }, at) => at > open && kind === 'mark' && text === ')');
  if (close === -1)
    throw SearchErrors.SearchFilterInvalid(
      'Invalid clause(s) in filter string: the list is never closed, a parenthesis must follow its last value',
    );
  return { tokens: tokens.slice(open + 1, close), next: close + 1 };
}

function listValue(scope: SearchScope, { entity, rule, shown }: Target, list: List): readonly string[] {
  if (entity === 'attribute' && !rule!.list) {
    const keys = Object.keys(scope.attributes).filter((key) => scope.attributes[key]!.list);
    throw SearchErrors.SearchFilterInvalid(
      `Only ['${keys.join("', '")}'] attributes support comparison with a list of quoted string values, '${shown}' does not`,
    );
  }
  if (entity !== 'attribute' && !scope.lists.includes(entity))
    throw SearchErrors.SearchFilterInvalid(
      `Expected a quoted string value for ${entity} (e.g. 'my-value'). Got value (${list.tokens.map(({ text }) => text).join('')})`,
    );
  const values = textsOf(list.tokens);
  return rule?.kind === 'digits' ? values.map((value) => digitsOf(shown, value)) : values;
}

const LIST_RULE = 'While parsing a list in the query,';

/** The texts between parentheses; a comma after the last is as good as none. */
function textsOf(tokens: readonly Token[]): string[] {
  if (tokens.length === 0)
    throw SearchErrors.SearchFilterInvalid(
      `${LIST_RULE} expected a non-empty list of string values, but got empty list`,
    );
  return tokens.flatMap((token, at) => {
    if (at % 2 === 0 && token.kind === 'text') return [token.value];
    if (at % 2 === 1 && token.text === ',') return [];
    throw SearchErrors.SearchFilterInvalid(
      at % 2 === 0 && token.kind === 'word'
        ? `${LIST_RULE} expected string value, punctuation, or whitespace, but got different type in list: ${token.text}`
        : `${LIST_RULE} expected a non-empty list of string values, but got ill-formed list at ${token.text}`,
    );
  });
}

/** An integer kept as text, without leading zeros: `experiment_id = '007'` is 7. */
function digitsOf(name: string, value: string): string {
  if (!/^\d{1,18}$/.test(value))
    throw SearchErrors.SearchFilterInvalid(`Invalid value for attribute '${name}': '${value}' is not a whole number`);
  return String(BigInt(value));
}
