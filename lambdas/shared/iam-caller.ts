import { SharedErrors } from './errors.ts';
import type { Role } from './route.ts';

/** What a principal of AWS may do here. */
export interface IamCaller {
  /** ARN of an IAM role or user; `*` in its name stands for any characters. */
  principal: string;
  roles: readonly Role[];
  workspaces: readonly string[];
}

/**
 * The caller that a checked signature names, by the first entry that fits: nobody else is anybody.
 * @throws PrincipalUnknown
 */
export function iamCallerOf(userArn: string, callers: readonly IamCaller[]) {
  const found = callers.find(({ principal }) => fits(principal, userArn));
  if (!found) throw SharedErrors.PrincipalUnknown(`principal: got ${userArn}, this stage gives it no role`);
  return { tokenId: userArn, roles: found.roles, workspaces: found.workspaces };
}

/** The ARN in a request is a role's session, which has no path any more; a name is one principal's in its account. */
function fits(principal: string, userArn: string): boolean {
  const wanted = /^arn:([\w-]+):iam::(\d{12}):(role|user)\/(?:.*\/)?([^/]+)$/.exec(principal);
  const role = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\/[^/]+$/.exec(userArn);
  const user = /^arn:([\w-]+):iam::(\d{12}):user\/(?:.*\/)?([^/]+)$/.exec(userArn);
  const [, partition, account, name] = role ?? user ?? [];
  if (!wanted || name === undefined) return false;
  const [, wantedPartition, wantedAccount, kind, pattern = ''] = wanted;
  const isSame = partition === wantedPartition && account === wantedAccount && kind === (role ? 'role' : 'user');
  return isSame && isLike(pattern, name);
}

function isLike(pattern: string, name: string): boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[.+]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`).test(name);
}
