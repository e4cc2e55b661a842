import { describe, expect, test } from '@jest/globals';
import { branchesOf, statesOf, workflowFiles } from '../builders/workflow-branches.ts';
import { WALKS } from '../builders/workflow-walks.ts';
import { runWorkflow } from '../fakes/workflow.ts';
import { stateMachineBranchesContract } from './state-machine-branches.contract.ts';

/** test/local/workflows leads the same ways on the local cloud. */
stateMachineBranchesContract('in memory', () => runWorkflow);

describe('the ways through state machines', () => {
  test('are known of every state machine, and of no other', () => {
    expect(Object.keys(WALKS).sort()).toEqual(workflowFiles());
  });

  test.each(Object.entries(WALKS))('of %s lead to states and choices that there are, once each', (file, { to }) => {
    const states = statesOf(file);
    const names = branchesOf(states).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(to).filter((place) => !states[place] && !names.includes(place))).toEqual([]);
  });
});
