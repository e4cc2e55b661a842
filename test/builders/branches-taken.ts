import { type Branch, firstFor, type WorkflowState } from './workflow-branches.ts';

/** A call of a function that a workflow made: which step, and the error that it ended with. */
export interface StepCall {
  step: string;
  error?: string;
}

type States = Record<string, WorkflowState>;
type Taken = Pick<Branch, 'state' | 'kind' | 'index'>;

/** What a task calls: the task of the function that it invokes, or the resource's own placeholder. */
export const stepOf = ({ Arguments, Resource }: WorkflowState): string => Arguments?.Payload?.task ?? String(Resource);

/**
 * The branches that an execution took, by the states that it entered and the calls that it made, in order.
 * Only for executions without two items of a map at a time, whose calls would be mixed up.
 */
export function branchesTaken(states: States, visited: readonly string[], calls: readonly StepCall[]): Taken[] {
  const taken: Taken[] = [];
  let rest = calls;
  const enter = (name: string, next: string | undefined) => {
    const own = callsOf(states[name], rest);
    rest = rest.slice(own.length);
    taken.push(...takenIn(name, states[name] as WorkflowState, own, next));
  };
  for (const [i, name] of visited.entries()) {
    enter(name, visited[i + 1]);
    const inner = states[name]?.ItemProcessor;
    if (!inner || visited[i + 1] === inner.StartAt) continue;
    // The emulator's history leaves out what the items of a map enter.
    const { path = [] } = pathThrough(inner.States, inner.StartAt, rest) ?? {};
    for (const [j, each] of path.entries()) enter(each, path[j + 1]);
  }
  return taken;
}

/** The calls that a task makes before another state is entered: one, and one more for each time it tries again. */
function callsOf(state: WorkflowState | undefined, calls: readonly StepCall[]): readonly StepCall[] {
  if (state?.Type !== 'Task') return [];
  const isLast = ({ step, error }: StepCall, i: number) => error === undefined || calls[i + 1]?.step !== step;
  if (calls[0]?.step !== stepOf(state)) return [];
  return calls.slice(0, calls.findIndex(isLast) + 1);
}

function takenIn(name: string, state: WorkflowState, own: readonly StepCall[], next: string | undefined): Taken[] {
  const taken = (kind: Branch['kind'], index: number): Taken[] => (index < 0 ? [] : [{ state: name, kind, index }]);
  if (state.Type === 'Choice') return taken('choice', [...targets(state)].indexOf(String(next)));
  return own.flatMap(({ error }, i) => {
    if (error === undefined) return [];
    const retrier = firstFor(state.Retry, error);
    if (i < own.length - 1) return taken('retry', retrier);
    // Without tries left it is nobody's turn; a retrier that allows none has had its turn.
    const refused = state.Retry?.[retrier]?.MaxAttempts === 0 ? taken('retry', retrier) : [];
    const catcher = firstFor(state.Catch, error);
    return [...refused, ...(state.Catch?.[catcher]?.Next === next ? taken('catch', catcher) : [])];
  });
}

/** How the states of a map's item must have been gone through, by the calls: of several ways the one with most calls. */
function pathThrough(
  states: States,
  name: string,
  calls: readonly StepCall[],
): { path: string[]; used: number } | undefined {
  const state = states[name] as WorkflowState;
  const own = callsOf(state, calls);
  if (state.Type === 'Task' && own.length === 0) return undefined;
  const error = own.at(-1)?.error;
  const caught = error === undefined ? state.Next : state.Catch?.[firstFor(state.Catch, error)]?.Next;
  const nexts = state.Type === 'Choice' ? targets(state) : caught === undefined ? [] : [caught];
  if (nexts.length === 0) return { path: [name], used: own.length };
  const ways = nexts.flatMap((next) => pathThrough(states, next, calls.slice(own.length)) ?? []);
  const best = ways.sort((one, other) => other.used - one.used)[0];
  return best && { path: [name, ...best.path], used: own.length + best.used };
}

const targets = ({ Choices = [], Default }: WorkflowState): string[] => [
  ...Choices.map(({ Next }) => Next),
  ...(Default === undefined ? [] : [Default]),
];
