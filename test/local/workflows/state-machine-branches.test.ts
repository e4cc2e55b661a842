import { afterAll, beforeAll } from '@jest/globals';
import { stateMachineBranchesContract } from '../../repo/state-machine-branches.contract.ts';
import { type WorkflowCloud, workflowCloud } from '../workflow-on-cloud.ts';

let cloud: WorkflowCloud | undefined;
beforeAll(async () => {
  cloud = await workflowCloud();
});
afterAll(() => cloud?.stop());

stateMachineBranchesContract('in the local cloud', () => (cloud as WorkflowCloud).run);
