import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { Clock } from '../shared/clock.ts';
import { changesState, originRefusal } from '../shared/origin.ts';
import { headerValues } from '../shared/request-headers.ts';
import type { Table } from '../shared/table.ts';
import type { TokenFact } from './contract.ts';
import { presentedSession } from './login-cookie.ts';
import { isPublic, takesCookie } from './public-paths.ts';
import { findSession, sessionRefusal } from './session.ts';
import { findToken, presentedToken, refusalOf } from './token.ts';

export type AuthorizerRequest = Pick<
  APIGatewayRequestAuthorizerEvent,
  'headers' | 'multiValueHeaders' | 'methodArn' | 'httpMethod' | 'path' | 'stageVariables'
>;

interface Refusal {
  name: string;
  message: string;
}

/** A token that is known, by which credential, and why it is not taken all the same. */
interface Known {
  token: TokenFact;
  by: 'token' | 'session';
  refusal?: Refusal | undefined;
}

/**
 * Authenticates and nothing more: who it is goes on to the function, which checks the role its route table names.
 * A known credential that is not taken goes on as a refusal, so that the function can say so in its protocol's words.
 * Public paths of the control API go on as nobody, and there a login that is over is nobody too.
 */
export async function authorize(
  { table, clock }: { table: Table; clock: Clock },
  request: AuthorizerRequest,
): Promise<APIGatewayAuthorizerResult | undefined> {
  // On the inference API an answer is remembered for every request of a token, so it depends on the token alone.
  const isControl = request.stageVariables?.['api'] === 'control';
  const known = await knownCaller(table, request, { isControl, now: clock() });
  const isOpen = isControl && isPublic(request.httpMethod, request.path);
  if (known && !(isOpen && known.by === 'session' && known.refusal)) return identified(known, request.methodArn);
  return isOpen ? allowed('nobody', request.methodArn, {}) : undefined;
}

/** By the Authorization header where there is one, whatever it says; else by the login cookie. */
async function knownCaller(
  table: Table,
  request: AuthorizerRequest,
  { isControl, now }: { isControl: boolean; now: Date },
): Promise<Known | undefined> {
  const [authorization] = headerValues(request, 'authorization');
  if (authorization !== undefined) {
    const presented = presentedToken(authorization);
    const token = presented === undefined ? undefined : await findToken(table, presented);
    const origin = () => (isControl ? refusedOrigin(request, false) : undefined);
    return token && { token, by: 'token', refusal: refusalOf(token, now) ?? origin() };
  }
  const presented = isControl && takesCookie(request.path) ? presentedSession(request) : undefined;
  const found = presented === undefined ? undefined : await findSession(table, presented);
  if (!found) return undefined;
  const { session, token } = found;
  const refusal = sessionRefusal(session, now) ?? refusalOf(token, now) ?? refusedOrigin(request, true);
  return { token, by: 'session', refusal };
}

/** A browser sends the cookie by itself, so its request has to say which page it comes from. */
function refusedOrigin(request: AuthorizerRequest, required: boolean): Refusal | undefined {
  const message = changesState(request.httpMethod) ? originRefusal(request, { required }) : undefined;
  return message === undefined ? undefined : { name: 'OriginRefused', message };
}

function identified({ token, refusal }: Known, methodArn: string): APIGatewayAuthorizerResult {
  return allowed(token.tokenId, everyMethodOf(methodArn), {
    tokenId: token.tokenId,
    roles: refusal ? '' : token.roles.join(','),
    workspaces: refusal ? '' : token.workspaces.join(','),
    ...(refusal && { refusal: refusal.name, refusalMessage: refusal.message }),
  });
}

const allowed = (
  principalId: string,
  resource: string,
  context: Record<string, string>,
): APIGatewayAuthorizerResult => ({
  principalId,
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: resource }],
  },
  context,
});

/** The answer may be cached for all paths of a stage, so the policy names the stage rather than this one method. */
function everyMethodOf(methodArn: string): string {
  const [api, stage] = methodArn.split('/');
  return `${api}/${stage}/*`;
}
