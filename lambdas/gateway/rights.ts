import type { Caller } from '../shared/caller.ts';
import { GatewayErrors, type TokenFact } from './contract.ts';

/** Nobody gives away what they do not have: roles and workspaces of a new token are among its maker's. */
export function requireOwnRights(
  caller: Caller,
  wanted: { roles: readonly string[]; workspaces: readonly string[] },
): void {
  const role = wanted.roles.find((each) => !caller.roles.includes(each));
  if (role)
    throw GatewayErrors.RoleNotYours(`roles: got ${role}, token ${caller.tokenId} has ${caller.roles.join(', ')}`);
  const workspace = wanted.workspaces.find(
    (each) => !caller.workspaces.includes('*') && !caller.workspaces.includes(each),
  );
  if (workspace)
    throw GatewayErrors.RoleNotYours(
      `workspaces: got ${workspace}, token ${caller.tokenId} is for ${caller.workspaces.join(', ')}`,
    );
}

/** Whether a token is the caller's to see and to end: one that reaches no further than the caller's own workspaces. */
export const isWithinReach = (caller: Pick<Caller, 'workspaces'>, { workspaces }: Pick<TokenFact, 'workspaces'>) =>
  caller.workspaces.includes('*') || workspaces.every((each) => caller.workspaces.includes(each));
