import { COMMON } from './arguments.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { usage } from './help.ts';
import type { Verb } from './verb.ts';
import { verbs } from './verbs.ts';

/** docs/cli.md, made of the verbs themselves: `node bin/cli-page.ts > docs/cli.md` after a change of one. */
export function cliPage(all: readonly Verb[]): string {
  const groups = [...new Set(all.map(({ name }) => name.split(' ')[0] as string))];
  return `${[
    '# The command line',
    '`npm run -s millrace -- <group> <verb> …` from a clone, here written `millrace`. The verbs are the same against the local cloud and against AWS. What a person reads goes to standard error, the result to standard output; work that takes longer shows how it is going.',
    '<!-- made by bin/cli-page.ts from the verbs: change those -->',
    'Every verb takes:',
    [
      '| Option | What it does |',
      '|---|---|',
      ...Object.entries(COMMON).map(([name, { text }]) => `| \`--${name}\` | ${text} |`),
    ].join('\n'),
    'The exit code is 0 where it went well, and otherwise says what kind of error ended it (docs/errors.md):',
    ['| Code | Kinds |', '|--:|---|', ...codes().map(([code, kinds]) => `| ${code} | ${kinds.join(', ')} |`)].join(
      '\n',
    ),
    ...groups.flatMap((group) => [
      `## ${group}`,
      ...all.filter(({ name }) => name.startsWith(`${group} `)).flatMap(section),
    ]),
  ].join('\n\n')}\n`;
}

function section(verb: Verb): string[] {
  // The options that every verb takes stand at the top of the page.
  const [words = '', summary = '', ...rest] = usage(verb).split('\n\n');
  const own = rest.filter((part) => !part.includes('--json '));
  return [`### millrace ${verb.name}`, summary, ['```text', [words, ...own].join('\n\n'), '```'].join('\n')];
}

function codes(): [number, string[]][] {
  const byCode = new Map<number, string[]>();
  for (const [kind, code] of Object.entries(EXIT_CODES)) byCode.set(code, [...(byCode.get(code) ?? []), kind]);
  return [...byCode].sort(([a], [b]) => a - b);
}

if (import.meta.main) process.stdout.write(cliPage(verbs));
