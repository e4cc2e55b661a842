import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SharedErrors } from '../../shared/errors.ts';
import type { CheckSql } from '../apply-features.ts';

/** The check where DuckDB is: in the function that materialises. The API's own has no library that size beside it. */
export function lambdaCheckSql(functionName: string, client = new LambdaClient({})): CheckSql {
  return async (input) => {
    const Payload = JSON.stringify({ task: 'check-features', input });
    const answer = await client.send(new InvokeCommand({ FunctionName: functionName, Payload })).catch((cause) => {
      throw SharedErrors.ServiceUnavailable(`${functionName}: Lambda answered ${(cause as Error).name}`, { cause });
    });
    const text = Buffer.from(answer.Payload ?? new Uint8Array()).toString('utf8');
    if (answer.FunctionError) throw SharedErrors.ServiceUnavailable(`${functionName} failed: ${text.slice(0, 500)}`);
    return JSON.parse(text) as { problems: string[] };
  };
}
