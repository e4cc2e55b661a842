import { SharedErrors } from '../../lambdas/shared/errors.ts';

/** A dataset version that a query reads, and the name that it has there. */
export interface NamedVersion {
  /** As the query writes it: `flights`, `flights@3`. */
  name: string;
  dataset: string;
  /** A number, a digest, a tag or `latest`. */
  version: string;
}

const NAME = /^([a-z][a-z0-9-]{0,62})(?:@([1-9]\d{0,11}|sha256:[0-9a-f]{64}|[a-z][a-z0-9._-]{0,62}))?$/;

/**
 * The dataset that a table of a query means.
 * @param table as DuckDB lists it: identifiers with points between them, quoted where they must be, perhaps ` AS alias`
 * @throws InvalidInput when it cannot be a dataset
 */
function namedVersion(table: string): NamedVersion {
  const parts = identifiersOf(table);
  const [name = ''] = parts;
  // SQL does not tell the case of names apart, and no dataset has a capital.
  const [, dataset, version = 'latest'] = NAME.exec(name.toLowerCase()) ?? [];
  if (parts.length === 1 && dataset) return { name, dataset, version };
  throw SharedErrors.InvalidInput(
    `sql: got the table ${table}, expected a dataset such as flights, "flights@3" or "my-data@latest" (a name with @ or - takes double quotes)`,
  );
}

/** `flights`, or behind an @ a version's number, digest or tag, or `latest`, as an argument. @throws InvalidInput */
export function versionNamed(text: string): Omit<NamedVersion, 'name'> {
  const [, dataset, version = 'latest'] = NAME.exec(text) ?? [];
  if (dataset) return { dataset, version };
  throw SharedErrors.InvalidInput(`dataset: got ${text}, expected a name such as flights, flights@3 or flights@latest`);
}

/** The identifiers at the beginning of a text: `a."b.c" AS d` has `a` and `b.c`. */
function identifiersOf(text: string): string[] {
  const parts: string[] = [];
  const one = /"((?:[^"]|"")*)"|([^".\s]+)/y;
  for (let at = 0; ; ) {
    one.lastIndex = at;
    const match = one.exec(text);
    if (!match) return parts;
    parts.push(match[2] ?? (match[1] as string).replaceAll('""', '"'));
    if (text[one.lastIndex] !== '.') return parts;
    at = one.lastIndex + 1;
  }
}

/** Each version once; two names may mean the same one. */
export const namedVersions = (tables: readonly string[]): NamedVersion[] => [
  ...new Map(tables.map(namedVersion).map((each) => [each.name.toLowerCase(), each])).values(),
];
