import type { APIGatewayProxyEvent } from 'aws-lambda';
import { SharedErrors } from './errors.ts';
import type { Role } from './route.ts';

/** Who calls, as the authorizer passed it on. */
export interface Caller {
  tokenId: string;
  roles: readonly string[];
  workspaces: readonly string[];
}

/** Reads what the authorizer put into the request context; without it nobody is anybody. */
export function callerOf(event: Pick<APIGatewayProxyEvent, 'requestContext'>): Caller {
  const context = event.requestContext?.authorizer as Record<string, string> | null | undefined;
  if (!context?.['tokenId']) throw SharedErrors.TokenMissing('the request carries no API token');
  if (context['refusal']) {
    const refuse = context['refusal'] === 'TokenExpired' ? SharedErrors.TokenExpired : SharedErrors.TokenRevoked;
    throw refuse(context['refusalMessage'] ?? 'the token is not taken any more');
  }
  const list = (value: string | undefined) => (value ?? '').split(',').filter(Boolean);
  return { tokenId: context['tokenId'], roles: list(context['roles']), workspaces: list(context['workspaces']) };
}

export function requireRole(caller: Caller, roles: readonly Role[]): void {
  if (roles.some((role) => caller.roles.includes(role))) return;
  throw SharedErrors.RoleMissing(
    `token ${caller.tokenId} has the roles ${caller.roles.join(', ') || 'none'}, this route asks for one of ${roles.join(', ')}`,
  );
}

export function requireWorkspace(caller: Caller, workspace: string): void {
  if (caller.workspaces.includes('*') || caller.workspaces.includes(workspace)) return;
  throw SharedErrors.WorkspaceDenied(`token ${caller.tokenId} is not for workspace ${workspace}`);
}
