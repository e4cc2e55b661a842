import { afterAll, beforeAll } from '@jest/globals';
import { checkDriftWorkflowContract } from '../../monitoring/check-drift-workflow.contract.ts';
import { type WorkflowCloud, workflowCloud } from '../workflow-on-cloud.ts';

let cloud: WorkflowCloud | undefined;
beforeAll(async () => {
  cloud = await workflowCloud();
});
afterAll(() => cloud?.stop());

checkDriftWorkflowContract('in the local cloud', () => (cloud as WorkflowCloud).run);
