import * as z from 'zod';
import { COMMON, innermost, optionName, takesRest } from './arguments.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Verb } from './verb.ts';

const row = (name: string, text: string, width: number) => `  ${name.padEnd(width)}  ${text}`;

const required = (schema: z.ZodType) => !(schema instanceof z.ZodOptional || schema instanceof z.ZodDefault);

/** docs/cli.md: every verb with all it takes. A test holds the file against this. */
export function reference(verbs: readonly Verb[]): string {
  const sections = verbs.map((each) => [`## ${each.name}`, '', '```text', usage(each, []), '```', ''].join('\n'));
  return [
    '# Command line',
    '',
    '`npm run -s millrace -- <group> <verb>` talks to the platform: to the local cloud that runs in this checkout, or, with `--stage`, to a stage on AWS, whose URLs are read from its SSM parameter with your AWS credentials. The API token is `MILLRACE_TOKEN`; the local cloud has its own.',
    '',
    'Results go to stdout, text about the way there to stderr. Every verb takes these; with `--json` stdout has one JSON value and nothing else; an error is `{"error": {"name", "kind", "message"}}`.',
    '',
    ...COMMON_ROWS.map(([label, text]) => `- \`${label}\`: ${text}`),
    '',
    '| exit code | kind of error |',
    '|--:|---|',
    ...Object.entries(EXIT_CODES).map(([kind, code]) => `| ${code} | ${kind} |`),
    '',
    '| variable | meaning |',
    '|---|---|',
    '| `MILLRACE_STAGE` | the stage, where `--stage` is not given |',
    '| `MILLRACE_WORKSPACE` | the workspace, where `--workspace` is not given |',
    '| `MILLRACE_TOKEN` | the API token |',
    '| `MILLRACE_INSTANCE` | which local cloud, where several run |',
    '| `MILLRACE_CACHE` | the folder of files that queries have fetched |',
    '',
    ...sections,
  ].join('\n');
}

/** `millrace --help`, and `millrace <group> --help`. */
export function overview(verbs: readonly Verb[], group?: string): string {
  const shown = verbs.filter(({ name }) => !group || name.startsWith(`${group} `));
  const width = Math.max(...shown.map(({ name }) => name.length));
  const lines: string[] = [];
  let last = '';
  for (const { name, summary } of shown) {
    const [own = ''] = name.split(' ');
    if (own !== last && last) lines.push('');
    last = own;
    lines.push(row(name, summary, width));
  }
  return [
    'millrace <group> <verb> [arguments] [--options]',
    '',
    ...lines,
    '',
    'millrace <group> <verb> --help says more; every verb takes --json, --stage and --workspace.',
  ].join('\n');
}

const COMMON_ROWS = Object.entries(COMMON).map(
  ([name, { type, text }]) => [`--${name}${type === 'string' ? ' …' : ''}`, text] as const,
);

export function usage(verb: Verb, common: readonly (readonly [string, string])[] = COMMON_ROWS): string {
  const shape = verb.input.shape as Record<string, z.ZodType>;
  const last = takesRest(verb) ? verb.positionals.at(-1) : undefined;
  const words = verb.positionals.map((key) => {
    const word = key === last ? `${key} …` : key;
    return required(shape[key] as z.ZodType) ? `<${word}>` : `[${word}]`;
  });
  const named = Object.entries(shape).map(([key, schema]) => {
    const label = verb.positionals.includes(key)
      ? `<${key}>`
      : optionName(key) + (innermost(schema) instanceof z.ZodBoolean ? '' : ' …');
    const fallback = schema instanceof z.ZodDefault ? ` (default ${JSON.stringify(schema.def.defaultValue)})` : '';
    return [label, `${schema.description ?? innermost(schema).description ?? ''}${fallback}`] as const;
  });
  const width = Math.max(...[...named, ...common].map(([label]) => label.length));
  return [
    `millrace ${[verb.name, ...words].join(' ')}`,
    '',
    verb.summary,
    '',
    ...named.map(([label, text]) => row(label, text, width)),
    ...(named.length ? [''] : []),
    ...common.map(([label, text]) => row(label, text, width)),
    ...(common.length ? [''] : []),
    'Examples:',
    ...verb.examples.map((example) => `  ${example}`),
  ].join('\n');
}
