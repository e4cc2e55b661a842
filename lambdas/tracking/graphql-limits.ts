import { type DocumentNode, GraphQLError, Kind, type SelectionSetNode } from 'graphql';

/** Most of what one document may hold. The UI's largest query has 46 fields, 6 deep, no alias and one root field. */
const MOST_ROOT_FIELDS = 10;
const MOST_ALIASES = 10;
const MOST_DEPTH = 10;
const MOST_SELECTIONS = 1000;

/**
 * Refuses a document whose answer would cost too much, before it is validated: also validation takes time by the square
 * of what it looks at. A fragment counts wherever it is spread, as it does when it is answered.
 */
export function refuseLarge(document: DocumentNode): void {
  const fragments = new Map<string, SelectionSetNode>();
  for (const each of document.definitions) {
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each.selectionSet);
  }
  let selections = 0;
  let rootFields = 0;

  /** One level, with all fragments that are spread in it; gives its number of aliases. */
  const look = (set: SelectionSetNode, depth: number, spread: readonly string[]): number => {
    if (depth > MOST_DEPTH) throw new GraphQLError(`Query exceeds maximum depth of ${MOST_DEPTH}`);
    let aliases = 0;
    for (const each of set.selections) {
      selections += 1;
      if (selections > MOST_SELECTIONS)
        throw new GraphQLError(`Query exceeds maximum total selections of ${MOST_SELECTIONS}`);
      if (each.kind === Kind.FIELD) {
        if (depth === 1) rootFields += 1;
        if (each.alias) aliases += 1;
        if (each.selectionSet) below(each.selectionSet, depth + 1, spread);
      } else if (each.kind === Kind.INLINE_FRAGMENT) {
        aliases += look(each.selectionSet, depth, spread);
      } else {
        const name = each.name.value;
        const found = fragments.get(name);
        // A circle and a fragment that is missing are validation's to refuse.
        if (found && !spread.includes(name)) aliases += look(found, depth, [...spread, name]);
      }
    }
    return aliases;
  };
  const below = (set: SelectionSetNode, depth: number, spread: readonly string[]) => {
    refuseMore('aliases', look(set, depth, spread), MOST_ALIASES);
  };
  for (const each of document.definitions) {
    if (each.kind === Kind.OPERATION_DEFINITION) below(each.selectionSet, 1, []);
  }
  refuseMore('root fields', rootFields, MOST_ROOT_FIELDS);
}

function refuseMore(what: string, got: number, most: number): void {
  if (got > most) throw new GraphQLError(`GraphQL queries should have at most ${most} ${what}, got ${got} ${what}.`);
}
