import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A way that a state machine can go on: where it goes when it chooses, when it catches, or that it tries again. */
export interface Branch {
  state: string;
  kind: 'choice' | 'catch' | 'retry';
  /** Which of the state's choosers, catchers or retriers, from 0; a choice's default is the one behind its rules. */
  index: number;
  /** The errors that lead here; none for a choice. */
  errors: readonly string[];
  /** How it is called in tests. */
  name: string;
}

interface Retrier {
  ErrorEquals: string[];
  MaxAttempts?: number;
}
export interface WorkflowState {
  Type: string;
  Next?: string;
  Resource?: string;
  Arguments?: { Payload?: { task?: string } };
  Retry?: Retrier[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Choices?: { Next: string }[];
  Default?: string;
  ItemProcessor?: { StartAt: string; States: Record<string, WorkflowState> };
}

const FOLDER = join(import.meta.dirname, '../../state-machines');

/** Every state machine's file, as `<domain>/<verb-noun>`. */
export const workflowFiles = (): string[] =>
  readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.asl.json'))
    .map((path) => path.replaceAll('\\', '/').replace('.asl.json', ''))
    .sort();

/** A state machine's states by name, with those inside its maps. */
export function statesOf(file: string): Record<string, WorkflowState> {
  const { States } = JSON.parse(readFileSync(join(FOLDER, `${file}.asl.json`), 'utf8'));
  return withInner(States as Record<string, WorkflowState>);
}

function withInner(states: Record<string, WorkflowState>): Record<string, WorkflowState> {
  const inner = Object.values(states).map(({ ItemProcessor }) => withInner(ItemProcessor?.States ?? {}));
  return Object.assign({}, states, ...inner);
}

/** Every branch of every Choice, Catch and Retry. */
export function branchesOf(states: Record<string, WorkflowState>): Branch[] {
  return Object.entries(states).flatMap(([state, { Choices = [], Default, Catch = [], Retry = [] }]) => [
    ...[...Choices.map(({ Next }) => Next), ...(Default ? [Default] : [])].map((next, index) =>
      branch(state, 'choice', index, [], `${state} → ${next}`),
    ),
    ...Catch.map(({ ErrorEquals, Next }, index) =>
      branch(state, 'catch', index, ErrorEquals, `${state} catches ${ErrorEquals[0]} → ${Next}`),
    ),
    ...Retry.map(({ ErrorEquals, MaxAttempts }, index) =>
      branch(
        state,
        'retry',
        index,
        ErrorEquals,
        `${state} ${MaxAttempts === 0 ? 'never tries again after' : 'tries again after'} ${ErrorEquals[0]}`,
      ),
    ),
  ]);
}

const branch = (state: string, kind: Branch['kind'], index: number, errors: readonly string[], name: string) => ({
  state,
  kind,
  index,
  errors,
  name,
});

/** The first of some error lists that has an error; what is thrown here is no timeout. */
export const firstFor = (lists: readonly { ErrorEquals: string[] }[] | undefined, error: string): number =>
  (lists ?? []).findIndex(({ ErrorEquals }) =>
    ErrorEquals.some((name) => name === error || name === 'States.ALL' || name === 'States.TaskFailed'),
  );
