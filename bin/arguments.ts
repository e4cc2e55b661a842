import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import * as z from 'zod';
import { describeIssues, SharedErrors } from '../lambdas/shared/errors.ts';
import type { Verb } from './verb.ts';

/** Options that every verb takes. */
export const COMMON = {
  json: { type: 'boolean', text: 'print the result as JSON on stdout, and nothing else there' },
  stage: { type: 'string', text: 'the stage to talk to (default: MILLRACE_STAGE, else local)' },
  workspace: { type: 'string', text: 'the workspace (default: MILLRACE_WORKSPACE, else default)' },
  help: { type: 'boolean', text: 'say what the verb does and takes' },
} as const;

export interface Parsed {
  input: Record<string, unknown>;
  json: boolean;
  help: boolean;
  stage?: string;
  workspace?: string;
}

const kebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
export const optionName = (key: string) => `--${kebab(key)}`;

/** The verb that words begin with, and the words behind it; most are two words, some three. */
export function findVerb(verbs: readonly Verb[], words: readonly string[]): { verb: Verb; rest: string[] } | undefined {
  for (const verb of verbs) {
    const count = verb.name.split(' ').length;
    if (verb.name === words.slice(0, count).join(' ')) return { verb, rest: words.slice(count) };
  }
  return undefined;
}

/** The schema behind optional and default wrappers. */
export function innermost(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return innermost(schema.unwrap() as z.ZodType);
  return schema;
}

/**
 * Command line words to a verb's checked input.
 * @throws InvalidInput naming the option or argument
 */
export function parseWords(verb: Verb, words: readonly string[]): Parsed {
  const shape = verb.input.shape as Record<string, z.ZodType>;
  const options: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(COMMON).map(([name, { type }]) => [name, { type }]),
  );
  for (const [key, schema] of Object.entries(shape)) {
    const inner = innermost(schema);
    options[kebab(key)] = {
      type: inner instanceof z.ZodBoolean ? 'boolean' : 'string',
      multiple: inner instanceof z.ZodArray,
    };
  }
  const { values, positionals } = parse(verb, words, options);
  const { json, help, stage, workspace, ...own } = values as Record<string, unknown>;
  const common = {
    json: json === true,
    help: help === true,
    stage: stage as string | undefined,
    workspace: workspace as string | undefined,
  };
  if (common.help) return { ...common, input: {} };

  if (positionals.length > verb.positionals.length && !takesRest(verb)) {
    throw SharedErrors.InvalidInput(
      `${verb.name}: got ${positionals.length} arguments (${positionals.join(' ')}), it takes ${verb.positionals.length}`,
    );
  }
  const raw: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    const position = verb.positionals.indexOf(key);
    const given = own[kebab(key)] ?? (position >= 0 ? placed(schema, positionals, position) : undefined);
    if (given !== undefined) raw[key] = innermost(schema) instanceof z.ZodNumber ? numberOr(given) : given;
  }
  const input = verb.input.safeParse(raw);
  if (!input.success)
    throw SharedErrors.InvalidInput(`${verb.name}: ${describeIssues(input.error, raw)} (millrace ${verb.name} --help)`);
  return { ...common, input: input.data };
}

/** What is no number is shown as it came. */
const numberOr = (given: unknown): unknown => (Number.isNaN(Number(given)) ? given : Number(given));

/** Whether the last argument is a list, which takes all words that are left. */
export const takesRest = ({ input, positionals }: Pick<Verb, 'input' | 'positionals'>): boolean =>
  innermost((input.shape as Record<string, z.ZodType>)[positionals.at(-1) ?? ''] ?? z.never()) instanceof z.ZodArray;

function placed(schema: z.ZodType, positionals: readonly string[], position: number): unknown {
  if (!(innermost(schema) instanceof z.ZodArray)) return positionals[position];
  const rest = positionals.slice(position);
  return rest.length > 0 ? rest : undefined;
}

function parse(verb: Verb, words: readonly string[], options: ParseArgsOptionsConfig) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw SharedErrors.InvalidInput(`${verb.name}: ${(cause as Error).message} (millrace ${verb.name} --help)`, {
      cause,
    });
  }
}
