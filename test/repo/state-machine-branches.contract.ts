import { describe, expect, test } from '@jest/globals';
import { branchesTaken, type StepCall, stepOf } from '../builders/branches-taken.ts';
import { type Branch, branchesOf, firstFor, statesOf, type WorkflowState } from '../builders/workflow-branches.ts';
import { WALKS, type Walk } from '../builders/workflow-walks.ts';
import type { runWorkflow } from '../fakes/workflow.ts';

type States = Record<string, WorkflowState>;
type Answers = Walk['well'];

/** Leads every state machine through every branch of it, wherever it runs: in memory, and in the local cloud. */
export function stateMachineBranchesContract(place: string, run: () => typeof runWorkflow): void {
  describe.each(Object.entries(WALKS))(`%s ${place}`, (file, walk) => {
    const states = statesOf(file);
    // An execution takes many branches: those that one has taken need no other.
    const taken: ReturnType<typeof branchesTaken> = [];
    test.each(branchesOf(states).map((branch) => [branch.name, branch] as const))('%s', async (_, branch) => {
      const { state, kind, index, name } = branch;
      const isTaken = () => taken.some((each) => each.state === state && each.kind === kind && each.index === index);
      if (!isTaken()) {
        const answers = { ...walk.well, ...walk.to[state], ...walk.to[name] };
        taken.push(...(await walked(run(), file, walk.input, states, troubled(answers, states, branch))));
      }
      expect(isTaken()).toBe(true);
    });
  });
}

/** The answers of all steps, with what makes a branch's state take it. */
function troubled(answers: Answers, states: States, { state, kind, index, errors }: Branch): Answers {
  if (kind === 'choice') return answers;
  const { Retry = [], Catch = [], ...rest } = states[state] as WorkflowState;
  if (kind === 'retry' && Retry[index]?.MaxAttempts !== 0) return bumpy(answers, states);
  const earlier = (kind === 'retry' ? Retry : Catch).slice(0, index);
  // What is never tried again is caught soonest.
  const never = Retry.filter(({ MaxAttempts }) => MaxAttempts === 0).flatMap(({ ErrorEquals }) => ErrorEquals);
  return { ...answers, [stepOf(rest)]: throwing(errorFor(kind === 'catch' ? [...never, ...errors] : errors, earlier)) };
}

/** Every step fails once for each of its retriers that try again, and then answers. */
function bumpy(answers: Answers, states: States): Answers {
  const tasks = Object.values(states).filter(({ Type }) => Type === 'Task');
  const bumps = tasks.map((state) => {
    const step = stepOf(state);
    const errors = (state.Retry ?? []).flatMap(({ ErrorEquals, MaxAttempts }, i, all) =>
      MaxAttempts === 0 ? [] : [errorFor(ErrorEquals, all.slice(0, i))],
    );
    const answer = (input: Record<string, unknown>, call: number) => {
      const error = errors[call];
      return error === undefined ? answerOf(answers[step], input, call - errors.length) : throwing(error)();
    };
    return [step, answer] as const;
  });
  return { ...answers, ...Object.fromEntries(bumps) };
}

/** An error of a list that the lists before it leave to it. */
const errorFor = (errors: readonly string[], earlier: readonly { ErrorEquals: string[] }[]): string =>
  [...errors, 'Unplanned'].find((each) => !each.startsWith('States.') && firstFor(earlier, each) < 0) as string;

const throwing = (name: string) => () => {
  throw Object.assign(new Error('planned'), { name });
};

const answerOf = (answer: unknown, input: Record<string, unknown>, call: number): unknown =>
  typeof answer === 'function' ? answer(input, call) : answer;

async function walked(run: typeof runWorkflow, file: string, input: unknown, states: States, answers: Answers) {
  const calls: StepCall[] = [];
  const { visited } = await run(file, {
    input,
    invoke: async (target, payload) => {
      const { task = target, input: given = {} } = payload as { task?: string; input?: Record<string, unknown> };
      const earlier = calls.filter(({ step }) => step === task).length;
      const call: StepCall = { step: task };
      calls.push(call);
      try {
        return answerOf(answers[task], given, earlier);
      } catch (error) {
        call.error = (error as Error).name;
        throw error;
      }
    },
  });
  return branchesTaken(states, visited, calls);
}
