import { describe, expect, test } from '@jest/globals';
import { branchesTaken, type StepCall, stepOf } from '../builders/branches-taken.ts';
import { type Branch, branchesOf, firstFor, statesOf, type WorkflowState } from '../builders/workflow-branches.ts';
import { WALKS, type Walk } from '../builders/workflow-walks.ts';
import type { runWorkflow } from '../fakes/workflow.ts';

/** Leads every state machine through every branch of it, wherever it runs: in memory, and in the local cloud. */
export function stateMachineBranchesContract(place: string, run: () => typeof runWorkflow): void {
  describe.each(Object.entries(WALKS))(`%s ${place}`, (file, walk) => {
    const states = statesOf(file);
    test.each(branchesOf(states).map((branch) => [branch.name, branch] as const))('%s', async (_, branch) => {
      const answers = { ...walk.well, ...walk.to[branch.state], ...walk.to[branch.name] };
      const taken = await walked(run(), file, walk, { ...answers, ...troubleFor(branch, states, answers) });
      const { state, kind, index } = branch;
      expect(taken).toContainEqual({ state, kind, index });
    });
  });
}

type Answers = Walk['well'];

/** What the branch's own step answers, so that its state takes the branch. */
function troubleFor({ state, kind, index, errors }: Branch, states: Record<string, WorkflowState>, answers: Answers) {
  const { Retry = [], Catch = [], ...rest } = states[state] as WorkflowState;
  if (kind === 'choice') return {};
  const earlier = (kind === 'retry' ? Retry : Catch).slice(0, index);
  // One that this list's earlier entries leave to it.
  const name = [...errors, 'Unplanned'].find((each) => !each.startsWith('States.') && firstFor(earlier, each) < 0);
  const again = kind === 'retry' && Retry[index]?.MaxAttempts !== 0;
  const step = stepOf(rest);
  return {
    [step]: (input: Record<string, unknown>, call: number) => {
      if (!again || call === 0) throw Object.assign(new Error('planned'), { name });
      return answerOf(answers[step], input, call);
    },
  };
}

const answerOf = (answer: unknown, input: Record<string, unknown>, call: number): unknown =>
  typeof answer === 'function' ? answer(input, call) : answer;

async function walked(run: typeof runWorkflow, file: string, { input }: Walk, answers: Answers) {
  const calls: StepCall[] = [];
  const { visited } = await run(file, {
    input,
    invoke: async (target, payload) => {
      const { task = target, input: given = {} } = payload as { task?: string; input?: Record<string, unknown> };
      const call: StepCall = { step: task };
      const earlier = calls.filter(({ step }) => step === task).length;
      calls.push(call);
      try {
        return answerOf(answers[task], given, earlier);
      } catch (error) {
        call.error = (error as Error).name;
        throw error;
      }
    },
  });
  return branchesTaken(statesOf(file), visited, calls);
}
