import { SFNClient } from '@aws-sdk/client-sfn';
import { startOnce } from '../../shared/aws/sfn-execution.ts';
import { SharedErrors } from '../../shared/errors.ts';
import type { StartErasure } from '../request-deletion.ts';

/** The state machine data/delete-versions behind its port. */
export function deletionExecutions(stateMachineArn: string, client = new SFNClient({})): StartErasure {
  return async (name, only) => {
    try {
      await startOnce(client, stateMachineArn, name, { only });
    } catch (cause) {
      throw SharedErrors.ServiceUnavailable(
        `starting erasure ${name}: Step Functions answered ${(cause as Error).name}`,
        {
          cause,
        },
      );
    }
  };
}
