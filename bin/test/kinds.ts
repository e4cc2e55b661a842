/** The kinds of tests, by where a file is and what it is called (CONTRIBUTING.md says what each may use). */
export const KINDS = ['unit', 'engine', 'stack', 'workflow', 'repo', 'local'] as const;
export type Kind = (typeof KINDS)[number];

export function kindOf(path: string): Kind {
  if (path.startsWith('test/local/')) return 'local';
  if (path.startsWith('test/repo/')) return 'repo';
  if (path.endsWith('.engine.test.ts')) return 'engine';
  if (path.endsWith('.stack.test.ts')) return 'stack';
  if (path.endsWith('.asl.test.ts')) return 'workflow';
  return 'unit';
}

export interface Selection {
  /** Whether the check runs before the tests. */
  check: boolean;
  /** Test files by kind; a kind without files does not run. */
  files: ReadonlyMap<Kind, readonly string[]>;
}

/**
 * What words on the command line choose: kinds and `check` by name, any other word is part of a test file's path.
 * No word chooses everything; paths alone choose those files of any kind. A word that chooses nothing is returned as `unknown`.
 */
export function select(words: readonly string[], testFiles: readonly string[]): Selection | { unknown: string } {
  const kinds = words.filter((word): word is Kind => KINDS.includes(word as Kind));
  const paths = words.filter((word) => word !== 'check' && !KINDS.includes(word as Kind));
  const ofKind = kinds.length === 0 ? testFiles : testFiles.filter((file) => kinds.includes(kindOf(file)));
  const unknown = paths.find((path) => !ofKind.some((file) => file.includes(path)));
  if (unknown !== undefined) return { unknown };
  const onlyCheck = words.length > 0 && words.every((word) => word === 'check');
  const chosen = onlyCheck
    ? []
    : ofKind.filter((file) => paths.length === 0 || paths.some((path) => file.includes(path)));
  const files = new Map<Kind, string[]>();
  for (const file of chosen) files.set(kindOf(file), [...(files.get(kindOf(file)) ?? []), file]);
  return { check: words.length === 0 || words.includes('check'), files };
}
