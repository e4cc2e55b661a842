import { type Branch, firstFor, type WorkflowState } from './workflow-branches.ts';

/** A call of a function that a workflow made: which step, and the error that it ended with. */
export interface StepCall {
  step: string;
  error?: string;
}

/** What a task calls: the task of the function that it invokes, or the resource's own placeholder. */
export const stepOf = ({ Arguments, Resource }: WorkflowState): string =>
  Arguments?.Payload?.task ?? String(Resource);

/**
 * The branches that an execution took, by the states that it entered and the calls that it made, in order.
 * Only for executions without two items of a map at a time, whose states would be mixed up.
 */
export function branchesTaken(
  states: Record<string, WorkflowState>,
  visited: readonly string[],
  calls: readonly StepCall[],
): Pick<Branch, 'state' | 'kind' | 'index'>[] {
  const taken: Pick<Branch, 'state' | 'kind' | 'index'>[] = [];
  let next = 0;
  for (const [i, name] of visited.entries()) {
    const state = states[name];
    if (!state) throw new Error(`there is no state ${name}`);
    const note = (kind: Branch['kind'], index: number) => index >= 0 && taken.push({ state: name, kind, index });
    if (state.Type === 'Choice') {
      const ways = [...(state.Choices ?? []).map((choice) => choice.Next), state.Default];
      note('choice', ways.indexOf(visited[i + 1]));
    }
    if (state.Type !== 'Task') continue;
    let failed: string | undefined;
    do {
      const call = calls[next++];
      if (call?.step !== stepOf(state)) throw new Error(`${name} was entered and called ${call?.step ?? 'nothing'}`);
      failed = call.error;
      if (failed !== undefined) note('retry', endedBy(state, failed, calls[next]));
    } while (failed !== undefined && calls[next]?.step === stepOf(state));
    const caught = failed === undefined ? -1 : firstFor(state.Catch, failed);
    if (caught >= 0 && state.Catch?.[caught]?.Next === visited[i + 1]) note('catch', caught);
  }
  return taken;
}

/** The retrier that tried again after an error, or that kept the machine from trying again; -1 where tries ran out. */
function endedBy(state: WorkflowState, error: string, following: StepCall | undefined): number {
  const index = firstFor(state.Retry, error);
  const again = following?.step === stepOf(state);
  return again === (state.Retry?.[index]?.MaxAttempts !== 0) ? index : -1;
}
