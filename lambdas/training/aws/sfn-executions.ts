import { SFNClient } from '@aws-sdk/client-sfn';
import { describeExecution, outcomeOf, startOnce } from '../../shared/aws/sfn-execution.ts';
import { TrainingErrors } from '../errors.ts';
import type { Executions } from '../ports.ts';

/** Step Functions behind the executions port. */
export function sfnExecutions(stateMachineArn: string, client = new SFNClient({})): Executions {
  return {
    start: (name, input) =>
      startOnce(client, stateMachineArn, name, input).catch((cause: Error) => {
        throw TrainingErrors.ExecutionRefused(`execution ${name}: ${cause.message}`, { cause });
      }),
    async status(name) {
      const execution = await describeExecution(client, stateMachineArn, name);
      return execution && outcomeOf(execution.status);
    },
  };
}
