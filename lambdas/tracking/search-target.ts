import { SearchErrors } from './search-errors.ts';
import type { Word } from './search-lexer.ts';
import type { AttributeRule, Entity, SearchScope } from './search-scope.ts';

/** What a clause or an order clause names, with the attribute's rule where it is one. */
export interface Target {
  entity: Entity;
  key: string;
  /** As written, for texts. */
  shown: string;
  rule?: AttributeRule;
}

const DATASET_KEYS = ['name', 'digest', 'context'];

export function targetOf(
  scope: SearchScope,
  word: Word,
  attributes: SearchScope['attributes'] = scope.attributes,
  refuse: (message: string) => Error = SearchErrors.SearchFilterInvalid,
): Target {
  const { path } = word;
  const entity = path.entity === undefined ? 'attribute' : own(scope.entities, path.entity);
  if (entity === undefined) throw refuse(`Invalid entity type '${path.entity}'. ${scope.entityRule}`);
  if (path.key === '') throw refuse(`Invalid identifier '${word.text}': the ${entity} has no key`);
  if (entity === 'attribute') {
    const rule = own(attributes, path.key);
    if (rule === undefined)
      throw refuse(
        `Invalid attribute key '${path.key}' specified. Valid keys are ${quotedList(Object.keys(attributes))}`,
      );
    return { entity, key: rule.as ?? path.key, shown: path.key, rule };
  }
  if (entity === 'dataset' && !DATASET_KEYS.includes(path.key))
    throw refuse(`Invalid dataset key '${path.key}' specified. Valid keys are ${quotedList(DATASET_KEYS)}`);
  return { entity, key: path.key, shown: path.key };
}

const quotedList = (keys: readonly string[]): string => keys.map((key) => `'${key}'`).join(', ');

/** Keys come from users: `constructor` is none of ours. */
const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;
