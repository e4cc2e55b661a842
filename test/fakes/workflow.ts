import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsonata from 'jsonata';

/** Calls what a task's resource stands for: the function's placeholder (or the resource's own), and its payload. */
export type Invoke = (target: string, payload: unknown) => Promise<unknown>;

export interface WorkflowEnd {
  status: 'SUCCEEDED' | 'FAILED';
  output?: unknown;
  error?: string;
  cause?: string;
  /** Every state in the order it was entered; items of a map after one another. */
  visited: string[];
}

interface Catcher {
  ErrorEquals: string[];
  Output?: unknown;
  Assign?: Record<string, unknown>;
  Next: string;
}
interface State {
  Type: string;
  Next?: string;
  Resource?: string;
  Arguments?: unknown;
  Output?: unknown;
  Assign?: Record<string, unknown>;
  Retry?: { ErrorEquals: string[]; MaxAttempts?: number }[];
  Catch?: Catcher[];
  Choices?: { Condition: string; Next: string; Output?: unknown; Assign?: Record<string, unknown> }[];
  Default?: string;
  Items?: unknown;
  ItemSelector?: unknown;
  ItemProcessor?: Definition;
  Error?: unknown;
  Cause?: unknown;
}
interface Definition {
  StartAt: string;
  States: Record<string, State>;
}

interface Scope {
  context: Record<string, unknown>;
  variables: Record<string, unknown>;
}

class StateFailed extends Error {
  readonly error: string;
  readonly why: string;
  constructor(error: string, why: string) {
    super(`${error}: ${why}`);
    this.error = error;
    this.why = why;
  }
}

/**
 * Runs a JSONata state machine in memory, without waiting: Task, Choice, Pass, Wait, Map, Succeed and Fail as the
 * States Language has them, retries and catches by error name, placeholders left as they are.
 */
export async function runWorkflow(
  file: string,
  { input = {}, name = 'execution-1', invoke }: { input?: unknown; name?: string; invoke: Invoke },
): Promise<WorkflowEnd> {
  const path = join(import.meta.dirname, '../../state-machines', `${file}.asl.json`);
  const definition = JSON.parse(readFileSync(path, 'utf8')) as Definition;
  const visited: string[] = [];
  const scope: Scope = { context: { Execution: { Name: name, Input: input } }, variables: {} };
  try {
    return { status: 'SUCCEEDED', output: await runStates(definition, input, scope, invoke, visited), visited };
  } catch (failed) {
    if (!(failed instanceof StateFailed)) throw failed;
    return { status: 'FAILED', error: failed.error, cause: failed.why, visited };
  }
}

async function runStates(
  { StartAt, States }: Definition,
  start: unknown,
  scope: Scope,
  invoke: Invoke,
  visited: string[],
): Promise<unknown> {
  let input = start;
  for (let name: string | undefined = StartAt; name !== undefined; ) {
    const state: State | undefined = States[name];
    if (!state) throw new Error(`there is no state ${name}`);
    visited.push(name);
    const evaluate = (template: unknown, more = {}) => fill(template, { input, ...more }, scope);
    if (state.Type === 'Fail') {
      throw new StateFailed(String(await evaluate(state.Error)), String((await evaluate(state.Cause)) ?? ''));
    }
    if (state.Type === 'Choice') {
      const chosen = await firstTrue(state.Choices ?? [], evaluate);
      if (!chosen && !state.Default) throw new StateFailed('States.NoChoiceMatched', name);
      input = await leave(chosen ?? {}, input, {}, evaluate, scope);
      name = chosen?.Next ?? state.Default;
      continue;
    }
    const work = async () => {
      if (state.Type === 'Task') return callTask(state, await evaluate(state.Arguments), invoke);
      if (state.Type === 'Map') return runMap(state, await evaluate(state.Items), evaluate, scope, invoke, visited);
      return input;
    };
    const ended = await retried(state, work);
    if ('failed' in ended) {
      const { error, why } = ended.failed;
      const catcher = state.Catch?.find(({ ErrorEquals }) => matches(ErrorEquals, error));
      if (!catcher) throw ended.failed;
      const errorOutput = { Error: error, Cause: why };
      input = await leave(catcher, errorOutput, { errorOutput }, evaluate, scope);
      name = catcher.Next;
      continue;
    }
    input = await leave(state, ended.result, { result: ended.result }, evaluate, scope);
    name = state.Next;
  }
  return input;
}

type Evaluate = (template: unknown, more?: object) => Promise<unknown>;

/** Output first, then the variables, both from what was before. */
async function leave(
  { Output, Assign = {} }: Pick<State, 'Output' | 'Assign'>,
  otherwise: unknown,
  more: object,
  evaluate: Evaluate,
  scope: Scope,
): Promise<unknown> {
  const output = Output === undefined ? otherwise : await evaluate(Output, more);
  Object.assign(scope.variables, await evaluate(Assign, more));
  return output;
}

async function firstTrue(choices: NonNullable<State['Choices']>, evaluate: Evaluate) {
  for (const choice of choices) if ((await evaluate(choice.Condition)) === true) return choice;
  return undefined;
}

async function runMap(
  state: State,
  items: unknown,
  evaluate: Evaluate,
  scope: Scope,
  invoke: Invoke,
  visited: string[],
): Promise<unknown[]> {
  const results = [];
  for (const [Index, Value] of (items as unknown[]).entries()) {
    const own = { context: { ...scope.context, Map: { Item: { Index, Value } } }, variables: { ...scope.variables } };
    const context = own.context;
    const input = state.ItemSelector === undefined ? Value : await evaluate(state.ItemSelector, { context });
    results.push(await runStates(state.ItemProcessor as Definition, input, own, invoke, visited));
  }
  return results;
}

async function callTask({ Resource }: State, given: unknown, invoke: Invoke): Promise<unknown> {
  const isFunction = Resource === 'arn:aws:states:::lambda:invoke';
  const { FunctionName, Payload } = given as { FunctionName: string; Payload: unknown };
  try {
    const answer = copy(await invoke(isFunction ? FunctionName : String(Resource), isFunction ? Payload : given));
    return isFunction ? { StatusCode: 200, Payload: answer } : answer;
  } catch (thrown) {
    const { name, message } = thrown as Error;
    throw new StateFailed(name, JSON.stringify({ errorType: name, errorMessage: message }));
  }
}

/** The first retrier that matches decides, and has its own count. */
async function retried(
  { Retry = [] }: State,
  work: () => Promise<unknown>,
): Promise<{ result: unknown } | { failed: StateFailed }> {
  const used = new Map<object, number>();
  for (;;) {
    try {
      return { result: await work() };
    } catch (failed) {
      if (!(failed instanceof StateFailed)) throw failed;
      const retrier = Retry.find(({ ErrorEquals }) => matches(ErrorEquals, failed.error));
      const before = retrier ? (used.get(retrier) ?? 0) : 0;
      if (!retrier || before >= (retrier.MaxAttempts ?? 3)) return { failed };
      used.set(retrier, before + 1);
    }
  }
}

const matches = (names: string[], error: string) =>
  names.includes(error) ||
  names.includes('States.ALL') ||
  (names.includes('States.TaskFailed') && error !== 'States.Timeout');

const copy = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

/** A template with its `{% … %}` texts evaluated; an expression without a value is an error, as it is on AWS. */
async function fill(template: unknown, states: Record<string, unknown>, scope: Scope): Promise<unknown> {
  if (typeof template === 'string') {
    const expression = /^\{%(.*)%\}$/s.exec(template)?.[1];
    if (expression === undefined) return template;
    const bindings = { states: { context: scope.context, ...states }, ...scope.variables };
    const value = copy(await jsonata(expression).evaluate({}, bindings));
    if (value === undefined) throw new StateFailed('States.QueryEvaluationError', `${expression} has no value`);
    return value;
  }
  if (Array.isArray(template)) return Promise.all(template.map((each) => fill(each, states, scope)));
  if (template === null || typeof template !== 'object') return template;
  const members = await Promise.all(
    Object.entries(template).map(async ([key, value]) => [key, await fill(value, states, scope)] as const),
  );
  return Object.fromEntries(members);
}
