import * as z from 'zod';
import { COMMON, innermost, optionName } from './arguments.ts';
import type { Verb } from './verb.ts';

const row = (name: string, text: string, width: number) => `  ${name.padEnd(width)}  ${text}`;

const required = (schema: z.ZodType) => !(schema instanceof z.ZodOptional || schema instanceof z.ZodDefault);

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

export function usage(verb: Verb): string {
  const shape = verb.input.shape as Record<string, z.ZodType>;
  const words = verb.positionals.map((key) => (required(shape[key] as z.ZodType) ? `<${key}>` : `[${key}]`));
  const named = Object.entries(shape).map(([key, schema]) => {
    const label = verb.positionals.includes(key)
      ? `<${key}>`
      : optionName(key) + (innermost(schema) instanceof z.ZodBoolean ? '' : ' …');
    const fallback = schema instanceof z.ZodDefault ? ` (default ${JSON.stringify(schema.def.defaultValue)})` : '';
    return [label, `${schema.description ?? innermost(schema).description ?? ''}${fallback}`] as const;
  });
  const common = Object.entries(COMMON).map(
    ([name, { type, text }]) => [`--${name}${type === 'string' ? ' …' : ''}`, text] as const,
  );
  const width = Math.max(...[...named, ...common].map(([label]) => label.length));
  return [
    `millrace ${[verb.name, ...words].join(' ')}`,
    '',
    verb.summary,
    '',
    ...named.map(([label, text]) => row(label, text, width)),
    ...(named.length ? [''] : []),
    ...common.map(([label, text]) => row(label, text, width)),
    '',
    'Examples:',
    ...verb.examples.map((example) => `  ${example}`),
  ].join('\n');
}
