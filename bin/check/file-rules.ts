import { basename } from 'node:path';

/** A file as the rules see it. */
export interface SourceFile {
  /** From the repository's root, with slashes. */
  path: string;
  text: string;
}

interface FileRule {
  name: string;
  applies: (path: string) => boolean;
  /** What is wrong with the file, if anything is. */
  find: (file: SourceFile) => string | undefined;
}

const CODE = /\.(ts|mjs|js|py)$/;
const below =
  (...folders: string[]) =>
  (path: string) =>
    CODE.test(path) && folders.some((folder) => path.startsWith(`${folder}/`));
const everywhereInCode = (path: string) => CODE.test(path);
/** Its own patterns and their planted violations would be findings. */
const notTheRules = (path: string) => !/^(bin\/check\/file-rules|test\/repo\/file-rules\.test)\.ts$/.test(path);

const matching =
  (pattern: RegExp, why: string) =>
  ({ text }: SourceFile): string | undefined => {
    const found = pattern.exec(text);
    if (!found) return undefined;
    const line = text.slice(0, found.index).split('\n').length;
    return `line ${line}: ${JSON.stringify(found[0].slice(0, 60))}, ${why}`;
  };

/** Median files have 90 lines; the tail is what makes a code base heavy. */
const MOST_LINES = 300;

const TOP_LEVEL = new Set([
  ...['bin', 'lib', 'lambdas', 'state-machines', 'test', 'examples', 'docs', 'bench', '.github', '.ci'],
  ...['cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'LICENSE'],
  ...['CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...['.gitignore', '.npmrc', 'biome.json', 'knip.json', 'jest.config.js', '.dependency-cruiser.mjs'],
]);

export const FILE_RULES: readonly FileRule[] = [
  {
    name: 'top-level',
    applies: () => true,
    find: ({ path }) =>
      TOP_LEVEL.has(path.split('/')[0] as string) ? undefined : 'the repository has no such entry at its top',
  },
  {
    name: 'size',
    applies: everywhereInCode,
    find: ({ text }) => {
      const lines = text.split('\n').length - 1;
      return lines > MOST_LINES ? `has ${lines} lines, at most ${MOST_LINES} are readable` : undefined;
    },
  },
  {
    name: 'file-name',
    applies: everywhereInCode,
    find: ({ path }) => {
      const name = basename(path).replace(/\..*$/, '');
      if (/^(utils?|helpers?|common|misc|types|index)$/.test(name)) return `${name} names nothing`;
      const kebab = path.endsWith('.py') ? /^_{0,2}[a-z0-9]+(_[a-z0-9]+)*_{0,2}$/ : /^[a-z0-9]+(-[a-z0-9]+)*$/;
      const dotted = basename(path).startsWith('.');
      return dotted || kebab.test(name) ? undefined : 'file names are lower-case words joined by hyphens';
    },
  },
  {
    name: 'empty-name',
    applies: everywhereInCode,
    find: matching(
      // An alias has its equals sign; without one it is a type of GraphQL's, whose names are MLflow's.
      /\b(?:(?:class|interface)\s+\w+(?:Manager|Processor|Helper|Data|Info)\b|type\s+\w+(?:Manager|Processor|Helper|Data|Info)\b[^{]*=)/,
      'the last word says nothing about what it is',
    ),
  },
  {
    name: 'environment',
    applies: (path) => below('lambdas')(path) && path !== 'lambdas/shared/env.ts',
    find: matching(/\bprocess\.env\b/, 'the environment is read in lambdas/shared/env.ts only'),
  },
  {
    name: 'grants',
    applies: below('lib'),
    find: matching(/\.grant[A-Z]?\w*\(/, 'permissions are stated with allow(), in full'),
  },
  {
    name: 'no-shell',
    applies: everywhereInCode,
    find: matching(
      /import\s*\{[^}]*\bexec(?:Sync)?\b[^}]*\}\s*from\s*['"](?:node:)?child_process['"]|\bchild_process\.exec(?:Sync)?\b|\bshell:\s*true\b|\bshell=True\b|\bos\.system\(/,
      'no text ever reaches a shell',
    ),
  },
  {
    name: 'custom-operators',
    applies: below('lambdas', 'bin'),
    find: matching(/\bregisterCustomOpsLibrary\b/, 'a model never brings code'),
  },
  {
    name: 'module-mocks',
    applies: below('test'),
    find: matching(
      /\bjest\.(?:unstable_)?(?:mock|mockModule|doMock)\(/,
      'tests give dependencies, they mock no modules',
    ),
  },
  {
    name: 'own-machine',
    applies: () => true,
    find: matching(
      /(?<![\w.$}*/-])\/(?:work|root|home\/\w+|Users\/\w+|mnt)\/[\w.-]+/,
      'a path of one machine means nothing on another',
    ),
  },
  {
    name: 'registry-hosts',
    applies: () => true,
    find: matching(
      /\b(?:registry\.npmjs\.org|registry\.yarnpkg\.com|pypi\.org|files\.pythonhosted\.org|proxy\.golang\.org|static\.crates\.io|repo1?\.maven\.org)\b|https?:\/\/[^\s"'`)]*\b(?:artifactory|nexus|verdaccio|devpi)\b/,
      'where packages come from is for the machine to say',
    ),
  },
  {
    name: 'lock-file',
    applies: (path) => path === 'package-lock.json',
    find: matching(/"resolved": "(?!file:)/, 'the lock file names packages by content, not by address'),
  },
];

export interface Complaint {
  rule: string;
  path: string;
  why: string;
}

export function complaintsAbout(files: readonly SourceFile[]): Complaint[] {
  return files.flatMap((file) =>
    FILE_RULES.flatMap(({ name, applies, find }) => {
      const why = applies(file.path) && notTheRules(file.path) ? find(file) : undefined;
      return why === undefined ? [] : [{ rule: name, path: file.path, why }];
    }),
  );
}
