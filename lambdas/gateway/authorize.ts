import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';
import { findToken, presentedToken, refusalOf } from './token.ts';

/**
 * Authenticates and nothing more: who it is goes on to the function, which checks the role its route table names.
 * A known token that is expired or revoked goes on as a refusal, so that the function can say so in its protocol's words.
 */
export async function authorize(
  { table, clock }: { table: Table; clock: Clock },
  event: Pick<APIGatewayRequestAuthorizerEvent, 'headers' | 'methodArn'>,
): Promise<APIGatewayAuthorizerResult | undefined> {
  const authorization = Object.entries(event.headers ?? {}).find(
    ([name]) => name.toLowerCase() === 'authorization',
  )?.[1];
  const presented = presentedToken(authorization);
  const token = presented === undefined ? undefined : await findToken(table, presented);
  if (!token) return undefined;
  const refusal = refusalOf(token, clock());
  return {
    principalId: token.tokenId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: everyMethodOf(event.methodArn) }],
    },
    context: {
      tokenId: token.tokenId,
      roles: refusal ? '' : token.roles.join(','),
      workspaces: refusal ? '' : token.workspaces.join(','),
      ...(refusal && { refusal: refusal.name, refusalMessage: refusal.message }),
    },
  };
}

/** The answer may be cached for all paths of a stage, so the policy names the stage rather than this one method. */
function everyMethodOf(methodArn: string): string {
  const [api, stage] = methodArn.split('/');
  return `${api}/${stage}/*`;
}
