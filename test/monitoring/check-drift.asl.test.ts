import { runWorkflow } from '../fakes/workflow.ts';
import { checkDriftWorkflowContract } from './check-drift-workflow.contract.ts';

checkDriftWorkflowContract('in memory', () => runWorkflow);
