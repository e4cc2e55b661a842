import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SharedErrors } from '../../shared/errors.ts';
import { answerOf, type TaskAnswer } from '../task-answer.ts';

/** One task of another function, done while the caller waits. @throws ServiceUnavailable when it is not done */
export function lambdaTask<Input, Output>(functionName: string, task: string, client = new LambdaClient({})) {
  return async (input: Input): Promise<Output> => {
    const Payload = JSON.stringify({ task, input });
    const answer = await client.send(new InvokeCommand({ FunctionName: functionName, Payload })).catch((cause) => {
      throw SharedErrors.ServiceUnavailable(`${functionName}: Lambda answered ${(cause as Error).name}`, { cause });
    });
    const text = Buffer.from(answer.Payload ?? new Uint8Array()).toString('utf8');
    if (answer.FunctionError) throw SharedErrors.ServiceUnavailable(`${functionName} failed: ${text.slice(0, 500)}`);
    return JSON.parse(text) as Output;
  };
}

/** A task that its function mounts as `answering`. @throws ServiceUnavailable, and what the task throws */
export function lambdaAnswer<Input, Output>(functionName: string, task: string) {
  const ask = lambdaTask<Input, TaskAnswer<Output>>(functionName, task);
  return async (input: Input): Promise<Output> => answerOf(await ask(input));
}
