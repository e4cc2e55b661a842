import { SFNClient } from '@aws-sdk/client-sfn';
import { describeExecution, outcomeOf, startOnce } from '../../shared/aws/sfn-execution.ts';
import { SharedErrors } from '../../shared/errors.ts';
import type { CheckExecutions } from '../ports.ts';

/** The state machine `check-drift` behind its port. */
export function checkExecutions(stateMachineArn: string, client = new SFNClient({})): CheckExecutions {
  return {
    async start(name, input) {
      await startOnce(client, stateMachineArn, name, input).catch((error) => {
        throw unavailable('starting', name, error);
      });
    },
    async show(name) {
      const execution = await describeExecution(client, stateMachineArn, name).catch((error) => {
        throw unavailable('reading', name, error);
      });
      return (
        execution && {
          status: outcomeOf(execution.status),
          startedAt: execution.startDate?.toISOString() ?? '',
          endedAt: execution.stopDate?.toISOString(),
          input: execution.input ?? '{}',
          output: execution.output,
          error: execution.error,
          cause: execution.cause,
        }
      );
    },
  };
}

const unavailable = (what: string, name: string, cause: unknown) =>
  SharedErrors.ServiceUnavailable(`${what} check ${name}: Step Functions answered ${(cause as Error).name}`, { cause });
