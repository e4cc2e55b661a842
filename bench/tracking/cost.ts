import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { awsClients } from '../../bin/local/aws-clients.ts';
import { projectRoot } from '../../bin/local/places.ts';
import { dynamoMeter, type Spent } from './dynamo-meter.ts';
import type { Call } from './load.ts';

export interface CostMeter {
  /** What the last of these calls costs in DynamoDB: by then the function is warm. */
  of(calls: readonly Call[]): Promise<Spent>;
  stop(): void;
}

const FUNCTION = 'millrace-local-tracking-api';

/** The tracking API's own code with the deployed function's variables, over the same table, in a process of its own. */
export async function costMeter(endpoint: string): Promise<CostMeter> {
  const clients = awsClients(endpoint);
  const { Environment } = await clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: FUNCTION }));
  clients.destroy();
  const meter = await dynamoMeter(endpoint);
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'handler.ts'), join(projectRoot, 'lambdas/tracking/handlers/api.ts')],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        ...Environment?.Variables,
        AWS_ENDPOINT_URL: meter.url,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const send = async (call: Call): Promise<void> => {
    child.stdin.write(`${JSON.stringify(eventOf(call))}\n`);
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('the tracking API outside of the cloud has ended');
      // The function's own log lines stand between.
      if (!value.startsWith('ANSWER ')) continue;
      const { statusCode, body } = JSON.parse(value.slice(7)) as { statusCode: number; body: string };
      if (statusCode !== 200) throw new Error(`${call.path}: ${statusCode} ${body}`);
      return;
    }
  };
  return {
    async of(calls) {
      for (const call of calls) {
        meter.take();
        await send(call);
      }
      return meter.take();
    },
    stop() {
      child.kill();
      meter.stop();
    },
  };
}

/** As API Gateway hands it over, from a caller whom the authorizer knows. */
function eventOf({ method, path, body }: Call): object {
  const url = new URL(path, 'http://x');
  const names = [...new Set(url.searchParams.keys())];
  return {
    httpMethod: method,
    path: `/tracking${url.pathname}`,
    headers: { 'content-type': 'application/json' },
    multiValueQueryStringParameters: names.length
      ? Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name)]))
      : null,
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { requestId: 'bench', authorizer: { tokenId: 'bench', roles: 'scientist', workspaces: 'default' } },
  };
}
