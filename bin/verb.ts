import type * as z from 'zod';
import type { ApiClient } from './client/api-client.ts';

/** What a verb may use: the platform's API, and a place to say how long work is going. */
export interface VerbContext {
  /** The stage's API; connects on first use. */
  client(): Promise<ApiClient>;
  /** One line on stderr that replaces the one before; silent with --json and where nobody looks. */
  progress(text: string): void;
  stage: string;
  workspace: string;
  /** Aborts on Ctrl-C. */
  signal: AbortSignal;
}

/** One verb of the command line, as data: parsing, help, docs/cli.md and its test all read this. */
export interface Verb<Input extends z.ZodObject = z.ZodObject, Output = unknown> {
  /** `<group> <verb>`, such as `data put`. */
  name: string;
  summary: string;
  /** Every option; keys in `positionals` are given without a name, in that order. Descriptions are the help. */
  input: Input;
  positionals: readonly (keyof z.output<Input> & string)[];
  examples: readonly string[];
  run(context: VerbContext, input: z.output<Input>): Promise<Output>;
  /** The result as text for people; without it they get the JSON, indented. */
  show?(output: Output): string;
}

export const verb = <Input extends z.ZodObject, Output>(definition: Verb<Input, Output>): Verb =>
  definition as unknown as Verb;
