import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import { firstToken, platformUrls } from '../local/access.ts';
import { type AwsClients, awsClients } from '../local/aws-clients.ts';
import { LocalErrors } from '../local/errors.ts';
import { findInstance, instanceFolder, meantInstance, writeInstance } from '../local/instances.ts';
import { PlatformUrls } from '../local/urls.ts';
import { type ApiClient, apiClient, type Connection } from './api-client.ts';

export interface ConnectOptions {
  stage: string;
  workspace: string;
}

/**
 * The API of a stage. The local cloud's URLs and token are read from the instance that runs here; any other stage's
 * URLs from its SSM parameter with the caller's AWS credentials, and the token from MILLRACE_TOKEN.
 */
export async function connect({ stage, workspace }: ConnectOptions): Promise<ApiClient> {
  const connection =
    stage === 'local' && !process.env['AWS_ENDPOINT_URL'] ? await localConnection() : await stageConnection(stage);
  return apiClient({ ...connection, token: process.env['MILLRACE_TOKEN'] ?? connection.token, workspace });
}

async function localConnection(): Promise<Connection> {
  const name = meantInstance();
  const instance = findInstance(name);
  if (!instance?.endpoint)
    throw LocalErrors.InstanceMissing(`no local cloud of the name ${name} runs: millrace local up starts one`);
  return connectionTo({ name, endpoint: instance.endpoint });
}

/** The connection to a platform on the local cloud; its token is made once and kept with the instance. */
export async function connectionTo({ name, endpoint }: { name: string; endpoint: string }): Promise<Connection> {
  const clients = awsClients(endpoint);
  try {
    const { control, inference } = await platformUrls(clients, endpoint);
    const instance = findInstance(name);
    const token = instance?.token ?? (await firstToken(clients));
    if (instance && !instance.token) writeInstance(instanceFolder(name), { ...instance, token });
    return { control, inference, token };
  } finally {
    clients.destroy();
  }
}

async function stageConnection(stage: string): Promise<Connection> {
  const token = process.env['MILLRACE_TOKEN'];
  if (!token)
    throw SharedErrors.TokenMissing(
      'MILLRACE_TOKEN: got nothing, expected an API token (millrace token create --first makes one with AWS credentials)',
    );
  const clients = awsClients();
  try {
    const endpoint = process.env['AWS_ENDPOINT_URL'];
    if (endpoint && stage === 'local') return { ...(await platformUrls(clients, endpoint)), token };
    return { ...(await urlsOf(clients, stage)), token };
  } finally {
    clients.destroy();
  }
}

async function urlsOf({ ssm }: AwsClients, stage: string): Promise<PlatformUrls> {
  const Name = `/millrace/${stage}/urls`;
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
    return PlatformUrls.parse(JSON.parse(Parameter?.Value ?? 'null'));
  } catch (cause) {
    throw SharedErrors.ServiceUnavailable(
      `stage: got ${stage}, its parameter ${Name} cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
}
