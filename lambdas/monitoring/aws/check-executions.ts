import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { SharedErrors } from '../../shared/errors.ts';
import type { CheckExecution, CheckExecutions } from '../ports.ts';

/** The state machine `check-drift` behind its port. */
export function checkExecutions(stateMachineArn: string, client = new SFNClient({})): CheckExecutions {
  const arnOf = (name: string) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  return {
    async start(name, input) {
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw unavailable('starting', name, error);
      }
    },
    async show(name) {
      try {
        const execution = await client.send(new DescribeExecutionCommand({ executionArn: arnOf(name) }));
        return {
          status: STATUS[execution.status ?? ''] ?? 'failed',
          startedAt: execution.startDate?.toISOString() ?? '',
          endedAt: execution.stopDate?.toISOString(),
          input: execution.input ?? '{}',
          output: execution.output,
          error: execution.error,
          cause: execution.cause,
        };
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return undefined;
        throw unavailable('reading', name, error);
      }
    },
  };
}

const STATUS: Record<string, CheckExecution['status']> = {
  RUNNING: 'running',
  PENDING_REDRIVE: 'running',
  SUCCEEDED: 'succeeded',
};

const unavailable = (what: string, name: string, cause: unknown) =>
  SharedErrors.ServiceUnavailable(`${what} check ${name}: Step Functions answered ${(cause as Error).name}`, { cause });
