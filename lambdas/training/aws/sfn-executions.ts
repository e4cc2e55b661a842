import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { TrainingErrors } from '../errors.ts';
import type { Executions } from '../ports.ts';

/** Step Functions behind the executions port. */
export function sfnExecutions(stateMachineArn: string, client = new SFNClient({})): Executions {
  const executionArn = (name: string) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  return {
    async start(name, input) {
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
        return 'started';
      } catch (cause) {
        if (cause instanceof ExecutionAlreadyExists) return 'exists';
        throw TrainingErrors.ExecutionRefused(`execution ${name}: ${(cause as Error).message}`, { cause });
      }
    },
    async status(name) {
      try {
        const { status } = await client.send(new DescribeExecutionCommand({ executionArn: executionArn(name) }));
        if (status === 'SUCCEEDED') return 'succeeded';
        return status === 'RUNNING' || status === 'PENDING_REDRIVE' ? 'running' : 'failed';
      } catch (cause) {
        if (cause instanceof ExecutionDoesNotExist) return undefined;
        throw cause;
      }
    },
  };
}
