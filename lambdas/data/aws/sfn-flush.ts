import { SFNClient } from '@aws-sdk/client-sfn';
import { startOnce } from '../../shared/aws/sfn-execution.ts';
import { SharedErrors } from '../../shared/errors.ts';
import type { StartFlush } from '../send-records.ts';

/** Step Functions behind the port: what cannot be started now may be asked for again, so it is no lasting failure. */
export function sfnFlush(stateMachineArn: string, client = new SFNClient({})): StartFlush {
  return async (name, input) => {
    try {
      await startOnce(client, stateMachineArn, name, input);
    } catch (cause) {
      throw SharedErrors.ServiceUnavailable(`execution ${name} was not started: ${(cause as Error).message}`, {
        cause,
      });
    }
  };
}
