import type { APIGatewayProxyEvent } from 'aws-lambda';
import { type PlatformError, SharedErrors } from './errors.ts';
import { type IamCaller, iamCallerOf } from './iam-caller.ts';
import type { Role } from './route.ts';

/** Who calls, as the authorizer passed it on. */
export interface Caller {
  /** The ARN of the principal where AWS checked a signature. */
  tokenId: string;
  roles: readonly string[];
  workspaces: readonly string[];
}

/** What the authorizer may say against a credential that it knows. */
const REFUSALS: Readonly<Record<string, (message: string) => PlatformError>> = {
  TokenExpired: SharedErrors.TokenExpired,
  TokenRevoked: SharedErrors.TokenRevoked,
  SessionEnded: SharedErrors.SessionEnded,
  OriginRefused: SharedErrors.OriginRefused,
};

/**
 * Reads what the authorizer put into the request context; without it nobody is anybody. Where a mount takes signatures
 * of AWS instead of tokens, its function gives the principals that the stage knows: deny by default.
 */
export function callerOf(
  event: Pick<APIGatewayProxyEvent, 'requestContext'>,
  iamCallers: readonly IamCaller[] = [],
): Caller {
  const context = event.requestContext?.authorizer as Record<string, string> | null | undefined;
  if (!context?.['tokenId']) {
    const signedBy = event.requestContext?.identity?.userArn;
    if (signedBy && iamCallers.length > 0) return iamCallerOf(signedBy, iamCallers);
    throw SharedErrors.TokenMissing('the request carries no API token');
  }
  if (context['refusal']) {
    const refuse = REFUSALS[context['refusal']] ?? SharedErrors.TokenRevoked;
    throw refuse(context['refusalMessage'] ?? 'the token is not taken any more');
  }
  const list = (value: string | undefined) => (value ?? '').split(',').filter(Boolean);
  return { tokenId: context['tokenId'], roles: list(context['roles']), workspaces: list(context['workspaces']) };
}

export function requireRole(caller: Caller, roles: readonly Role[], what = 'this route'): void {
  if (roles.some((role) => caller.roles.includes(role))) return;
  throw SharedErrors.RoleMissing(
    `token ${caller.tokenId} has the roles ${caller.roles.join(', ') || 'none'}, ${what} asks for one of ${roles.join(', ')}`,
  );
}

export function requireWorkspace(caller: Caller, workspace: string): void {
  if (caller.workspaces.includes('*') || caller.workspaces.includes(workspace)) return;
  throw SharedErrors.WorkspaceDenied(`token ${caller.tokenId} is not for workspace ${workspace}`);
}
