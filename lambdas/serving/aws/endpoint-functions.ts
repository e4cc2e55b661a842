import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { SharedErrors } from '../../shared/errors.ts';
import { ServingErrors } from '../errors.ts';
import { LIVE_ALIAS } from '../names.ts';
import type { EndpointFunctions, FunctionState } from '../ports.ts';

/** Lambda behind the endpoint port. */
export function lambdaFunctions(client = new LambdaClient({})): EndpointFunctions {
  return {
    async describe(FunctionName, Qualifier) {
      const found = await translated(FunctionName, () =>
        client.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier })),
      );
      // A version that was published just now is `Pending` until it can be invoked.
      const pending = found.LastUpdateStatus === 'InProgress' || found.State === 'Pending';
      const failed = found.LastUpdateStatus === 'Failed' || found.State === 'Failed';
      return {
        revision: found.RevisionId ?? '',
        update: failed ? 'failed' : pending ? 'pending' : 'successful',
        reason: found.LastUpdateStatusReason || found.StateReason,
        codeSha256: found.CodeSha256 ?? '',
        environment: found.Environment?.Variables ?? {},
      } satisfies FunctionState;
    },
    async configure(FunctionName, Variables, RevisionId) {
      await translated(FunctionName, () =>
        client.send(new UpdateFunctionConfigurationCommand({ FunctionName, RevisionId, Environment: { Variables } })),
      );
    },
    async publish(FunctionName, RevisionId, Description) {
      const { Version } = await translated(FunctionName, () =>
        client.send(new PublishVersionCommand({ FunctionName, RevisionId, Description })),
      );
      return { functionVersion: String(Version) };
    },
    async alias(FunctionName) {
      const found = await translated(FunctionName, () =>
        client.send(new GetAliasCommand({ FunctionName, Name: LIVE_ALIAS })),
      );
      return {
        functionVersion: found.FunctionVersion ?? '',
        weights: found.RoutingConfig?.AdditionalVersionWeights ?? {},
        revision: found.RevisionId ?? '',
      };
    },
    async moveAlias(FunctionName, { functionVersion, weights }, RevisionId) {
      await translated(
        FunctionName,
        () =>
          client.send(
            new UpdateAliasCommand({
              FunctionName,
              Name: LIVE_ALIAS,
              FunctionVersion: functionVersion,
              // Always stated: left out, the weights of before would stay.
              RoutingConfig: { AdditionalVersionWeights: weights },
              RevisionId,
            }),
          ),
        'AliasMoved',
      );
    },
    async invoke(FunctionName, Qualifier, payload) {
      const { Payload, FunctionError } = await translated(FunctionName, () =>
        client.send(new InvokeCommand({ FunctionName, Qualifier, Payload: Buffer.from(JSON.stringify(payload)) })),
      );
      const text = Buffer.from(Payload ?? new Uint8Array()).toString('utf8');
      if (!FunctionError) return JSON.parse(text) as unknown;
      throw ServingErrors.FunctionFailed(`${FunctionName}: version ${Qualifier} threw: ${text.slice(0, 400)}`);
    },
  };
}

const THROTTLES = new Set(['TooManyRequestsException', 'ThrottlingException']);
const UNAVAILABLE = new Set(['ServiceException', 'TimeoutError', 'ECONNRESET']);

async function translated<T>(
  functionName: string,
  call: () => Promise<T>,
  moved: 'FunctionMoved' | 'AliasMoved' = 'FunctionMoved',
): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const { name, message } = cause as Error;
    const text = `${functionName}: ${message}`;
    if (name === 'PreconditionFailedException') throw ServingErrors[moved](text, { cause });
    if (name === 'ResourceConflictException') throw ServingErrors.FunctionUpdating(text, { cause });
    if (THROTTLES.has(name)) throw SharedErrors.ServiceThrottled(text, { cause });
    if (UNAVAILABLE.has(name)) throw SharedErrors.ServiceUnavailable(text, { cause });
    throw ServingErrors.FunctionFailed(`${text} (${name})`, { cause });
  }
}
