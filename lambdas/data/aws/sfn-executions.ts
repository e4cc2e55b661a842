import { SFNClient } from '@aws-sdk/client-sfn';
import { describeExecution, outcomeOf, startOnce } from '../../shared/aws/sfn-execution.ts';
import { SharedErrors } from '../../shared/errors.ts';
import type { WorkflowExecutions } from '../feature-joins.ts';

/** One state machine behind its port. */
export function sfnExecutions(stateMachineArn: string, client = new SFNClient({})): WorkflowExecutions {
  const refused = (what: string, name: string) => (cause: unknown) => {
    throw SharedErrors.ServiceUnavailable(`${what} ${name}: Step Functions answered ${(cause as Error).name}`, {
      cause,
    });
  };
  return {
    async start(name, input) {
      await startOnce(client, stateMachineArn, name, input).catch(refused('starting', name));
    },
    async show(name) {
      const found = await describeExecution(client, stateMachineArn, name).catch(refused('reading', name));
      if (!found) return undefined;
      const { status, input = '{}', output, error, cause } = found;
      return { status: outcomeOf(status), input, output, error, cause };
    },
  };
}
