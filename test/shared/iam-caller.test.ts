import { describe, expect, test } from '@jest/globals';
import { callerOf } from '../../lambdas/shared/caller.ts';
import type { IamCaller } from '../../lambdas/shared/iam-caller.ts';
import { IamCallers, IamCallersText } from '../../lambdas/shared/iam-caller-list.ts';

const ROLE = 'arn:aws:iam::111122223333:role/Scientists';
const signedBy = (userArn: string | null, authorizer: object | null = null) =>
  ({ requestContext: { authorizer, identity: { userArn } } }) as never;
const given = (principal: string): IamCaller[] => [{ principal, roles: ['scientist'], workspaces: ['team-a'] }];

describe('a principal of AWS', () => {
  test.each([
    [ROLE, 'arn:aws:sts::111122223333:assumed-role/Scientists/ada'],
    ['arn:aws:iam::111122223333:role/lab/deep/Scientists', 'arn:aws:sts::111122223333:assumed-role/Scientists/ada'],
    ['arn:aws:iam::111122223333:role/Sc*', 'arn:aws:sts::111122223333:assumed-role/Scientists/ada@example.com'],
    ['arn:aws:iam::111122223333:role/*', 'arn:aws:sts::111122223333:assumed-role/Scientists/ada'],
    ['arn:aws:iam::111122223333:user/ada', 'arn:aws:iam::111122223333:user/ada'],
    ['arn:aws:iam::111122223333:user/ada', 'arn:aws:iam::111122223333:user/lab/ada'],
    ['arn:aws-cn:iam::111122223333:role/a.b+c', 'arn:aws-cn:sts::111122223333:assumed-role/a.b+c/s'],
  ])('%s is who signs as %s', (principal, userArn) => {
    expect(callerOf(signedBy(userArn), given(principal))).toEqual({
      tokenId: userArn,
      roles: ['scientist'],
      workspaces: ['team-a'],
    });
  });

  test.each([
    [ROLE, 'arn:aws:sts::111122223333:assumed-role/Scientists2/ada'],
    [ROLE, 'arn:aws:sts::111122223333:assumed-role/Other/Scientists'],
    [ROLE, 'arn:aws:sts::999922223333:assumed-role/Scientists/ada'],
    [ROLE, 'arn:aws-cn:sts::111122223333:assumed-role/Scientists/ada'],
    [ROLE, 'arn:aws:iam::111122223333:user/Scientists'],
    [ROLE, 'arn:aws:iam::111122223333:root'],
    [ROLE, 'arn:aws:sts::111122223333:federated-user/Scientists'],
    [ROLE, ROLE],
    [ROLE, 'arn:aws:sts::111122223333:assumed-role/Scientists'],
    ['arn:aws:iam::111122223333:user/Scientists', 'arn:aws:sts::111122223333:assumed-role/Scientists/ada'],
    ['arn:aws:iam::111122223333:role/*', 'arn:aws:iam::111122223333:user/ada'],
    ['arn:aws:iam::111122223333:role/a.b', 'arn:aws:sts::111122223333:assumed-role/axb/s'],
    ['arn:aws:iam::111122223333:role/S*s', 'arn:aws:sts::111122223333:assumed-role/Sc/x-s'],
  ])('%s is not who signs as %s', (principal, userArn) => {
    expect(() => callerOf(signedBy(userArn), given(principal))).toThrow(
      expect.objectContaining({ name: 'PrincipalUnknown', kind: 'denied', message: expect.stringContaining(userArn) }),
    );
  });

  test('gets what the first entry that names it says', () => {
    const callers: IamCaller[] = [
      { principal: ROLE, roles: ['auditor'], workspaces: ['*'] },
      { principal: 'arn:aws:iam::111122223333:role/*', roles: ['scientist'], workspaces: ['default'] },
    ];
    const roles = (name: string) =>
      callerOf(signedBy(`arn:aws:sts::111122223333:assumed-role/${name}/x`), callers).roles;
    expect([roles('Scientists'), roles('Others')]).toEqual([['auditor'], ['scientist']]);
  });

  test('is nobody where a function takes no signatures, or none was checked', () => {
    const missing = expect.objectContaining({ name: 'TokenMissing' });
    expect(() => callerOf(signedBy('arn:aws:iam::111122223333:user/ada'))).toThrow(missing);
    expect(() => callerOf(signedBy(null), given(ROLE))).toThrow(missing);
  });

  test('never stands above a token', () => {
    const event = signedBy('arn:aws:sts::111122223333:assumed-role/Scientists/ada', { tokenId: 't-1', roles: 'app' });
    expect(callerOf(event, given(ROLE))).toMatchObject({ tokenId: 't-1', roles: ['app'] });
  });
});

describe('the list of principals', () => {
  test('travels as the text of a variable', () => {
    expect(IamCallersText.parse(JSON.stringify(given(ROLE)))).toEqual(given(ROLE));
    expect(IamCallersText.parse('[]')).toEqual([]);
  });

  test.each([
    'Scientists',
    '*',
    'arn:aws:iam::*:role/Scientists',
    'arn:aws:iam::111122223333:root',
    'arn:aws:iam::111122223333:role/',
    'arn:aws:iam::111122223333:role/a*/b',
    'arn:aws:sts::111122223333:assumed-role/Scientists/ada',
    'arn:aws:iam::111122223333:role/a|b',
  ])('takes no %j for a principal', (principal) => {
    expect(IamCallers.safeParse(given(principal)).success).toBe(false);
  });
});
