import { SearchErrors } from './search-errors.ts';
import { tokensOf } from './search-lexer.ts';
import { fieldOf, type Searchable } from './search-match.ts';
import { type Entity, EXPERIMENTS, MODEL_VERSIONS, REGISTERED_MODELS, RUNS, type SearchScope } from './search-scope.ts';
import { targetOf } from './search-target.ts';

/** One step of an order. Numbers, then NaN, then what lacks the key: the latter two stay last in both directions. */
export interface OrderKey {
  entity: Exclude<Entity, 'dataset'>;
  key: string;
  ascending: boolean;
  /** Set for integers kept as text: '9' before '10'. */
  digits?: true;
}

const by = (key: string, ascending: boolean): OrderKey => ({ entity: 'attribute', key, ascending });

/** What decides between equals; the last one always does. */
const RUN_TIES = [by('start_time', false), by('run_id', true)];
const EXPERIMENT_TIES: OrderKey[] = [{ ...by('experiment_id', false), digits: true }];
const VERSION_TIES = [by('name', true), by('version_number', false)];

type Clauses = readonly string[] | undefined;

export const parseRunOrder = (clauses: Clauses): OrderKey[] => withTies(parse(RUNS, clauses), RUN_TIES);

/** Newest first; of those created at once, the first. */
export const parseExperimentOrder = (clauses: Clauses): OrderKey[] =>
  withTies(
    parse(EXPERIMENTS, clauses?.length ? clauses : ['creation_time DESC', 'experiment_id ASC']),
    EXPERIMENT_TIES,
  );

export const parseRegisteredModelOrder = (clauses: Clauses): OrderKey[] =>
  withTies(parse(REGISTERED_MODELS, clauses), [by('name', true)]);

export const parseModelVersionOrder = (clauses: Clauses): OrderKey[] =>
  withTies(parse(MODEL_VERSIONS, clauses?.length ? clauses : ['last_updated_timestamp DESC']), VERSION_TIES);

const same = (a: OrderKey, b: OrderKey): boolean => a.entity === b.entity && a.key === b.key;

export const withTies = (order: OrderKey[], ties: readonly OrderKey[]): OrderKey[] => [
  ...order,
  ...ties.filter((tie) => !order.some((key) => same(key, tie))),
];

function parse(scope: SearchScope, clauses: Clauses): OrderKey[] {
  const order: OrderKey[] = [];
  for (const clause of clauses ?? []) {
    const key = orderKey(scope, clause);
    if (order.some((other) => same(other, key)))
      throw SearchErrors.SearchOrderInvalid(
        `\`order_by\` contains duplicate fields: '${clause}' names ${key.entity} '${key.key}' again`,
      );
    order.push(key);
  }
  return order;
}

function orderKey(scope: SearchScope, clause: string): OrderKey {
  const [word, direction, ...more] = clauseTokens(clause);
  if (word?.kind !== 'word' || more.length > 0)
    throw SearchErrors.SearchOrderInvalid(
      `Invalid order_by clause '${clause}'. Could not be parsed: it is a key and perhaps ASC or DESC`,
    );
  const way = direction?.text.toUpperCase() ?? 'ASC';
  if (way !== 'ASC' && way !== 'DESC')
    throw SearchErrors.SearchOrderInvalid(
      `Invalid ordering key in order_by clause '${clause}': '${direction!.text}' is neither ASC nor DESC`,
    );
  if (scope === REGISTERED_MODELS && !Object.hasOwn(scope.orderBy, word.text))
    throw SearchErrors.SearchOrderInvalid(
      `Invalid order by key '${word.text}' specified. Valid keys are '${Object.keys(scope.orderBy).join("', '")}'`,
    );
  const { entity, key, rule } = targetOf(scope, word, scope.orderBy, SearchErrors.SearchOrderInvalid);
  if (entity === 'dataset' || (entity !== 'attribute' && !scope.ordersByEntities))
    throw SearchErrors.SearchOrderInvalid(`Invalid order_by entity: ${entity}, in '${clause}'`);
  return { entity, key, ascending: way === 'ASC', ...(rule?.kind === 'digits' && { digits: true }) };
}

function clauseTokens(clause: string) {
  try {
    return tokensOf(clause);
  } catch (cause) {
    throw SearchErrors.SearchOrderInvalid(`Invalid order_by clause '${clause}'. Could not be parsed`, { cause });
  }
}

/** A comparison function for `sort` over whole things. */
export function orderOf<T extends Searchable>(order: readonly OrderKey[]): (a: T, b: T) => number {
  return (a, b) => {
    for (const key of order) {
      const found = compareValues(key, fieldOf(a, key.entity, key.key), fieldOf(b, key.entity, key.key));
      if (found !== 0) return found;
    }
    return 0;
  };
}

type Value = string | number | undefined;

export function compareValues({ ascending, digits }: OrderKey, a: Value, b: Value): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0 || rankOf(a) > 0) return rank;
  const [x, y] = digits ? [sortableDigits(String(a)), sortableDigits(String(b))] : [a!, b!];
  if (x === y) return 0;
  return x < y === ascending ? -1 : 1;
}

const rankOf = (value: Value): number => (value === undefined ? 2 : Number.isNaN(value) ? 1 : 0);
const sortableDigits = (text: string): string => text.padStart(20, '0');
