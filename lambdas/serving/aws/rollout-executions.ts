import { SFNClient } from '@aws-sdk/client-sfn';
import { describeExecution, outcomeOf, startOnce } from '../../shared/aws/sfn-execution.ts';
import type { Executions } from '../ports.ts';

/** Step Functions behind the executions port, for one state machine. */
export function rolloutExecutions(stateMachineArn: string, client = new SFNClient({})): Executions {
  return {
    async start(name, input) {
      await startOnce(client, stateMachineArn, name, input);
    },
    async status(name) {
      const execution = await describeExecution(client, stateMachineArn, name);
      return execution ? outcomeOf(execution.status) : 'unknown';
    },
  };
}
