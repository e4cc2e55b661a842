import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { ROLES } from '../../lambdas/shared/route.ts';
import type { AwsClients } from './aws-clients.ts';
import { LocalErrors } from './errors.ts';
import { localUrls, PlatformUrls } from './urls.ts';

const URLS = '/millrace/local/urls';
/** Made for whoever has AWS credentials and no token yet; on the local cloud that is everybody on this machine. */
const FIRST_TOKEN = 'millrace-local-gateway-first-token';

/** The platform's URLs as they are reached on this machine. */
export async function platformUrls({ ssm }: AwsClients, endpoint: string): Promise<PlatformUrls> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: URLS }));
  return localUrls(endpoint, PlatformUrls.parse(JSON.parse(Parameter?.Value ?? 'null')));
}

/** A new token with every role in every workspace. */
export async function firstToken({ lambda }: AwsClients): Promise<string> {
  const wanted = { name: 'local', roles: ROLES, workspaces: ['*'] };
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: FIRST_TOKEN, Payload: JSON.stringify(wanted) }),
  );
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString() || '{}') as { token?: string };
  if (FunctionError || !answer.token) {
    throw LocalErrors.DeploymentFailed(`${FIRST_TOKEN}: got ${JSON.stringify(answer)}, expected a token`);
  }
  return answer.token;
}
