import { describe, expect, test } from '@jest/globals';
import { authorize } from '../../lambdas/gateway/authorize.ts';
import { isWithinReach } from '../../lambdas/gateway/rights.ts';
import {
  createToken,
  findToken,
  listTokens,
  presentedToken,
  revokeToken,
  type TokenDeps,
} from '../../lambdas/gateway/token.ts';
import { callerOf } from '../../lambdas/shared/caller.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import { anAuthorizerRequest } from '../builders/authorizer-request.ts';
import { memoryTable } from '../fakes/memory-table.ts';

function aGateway(now = new Date('2026-01-01T00:00:00Z')) {
  const clock = { now };
  const table = memoryTable();
  const deps: TokenDeps = { table, clock: () => clock.now, newId };
  const authorized = (authorization: string | undefined) =>
    authorize(
      deps,
      anAuthorizerRequest({ headers: authorization === undefined ? {} : { Authorization: authorization } }),
    );
  return { table, deps, clock, authorized };
}

const anApp = { name: 'shop', roles: ['app' as const], workspaces: ['default'] };

describe('a token', () => {
  test('is found again by its text, and only its hash is stored', async () => {
    const { deps, table } = aGateway();
    const { token, tokenId } = await createToken(deps, anApp);
    expect(await findToken(table, token)).toMatchObject({ tokenId, roles: ['app'], workspaces: ['default'] });
    const secret = token.split('_').slice(2).join('_');
    expect(JSON.stringify(table.items())).not.toContain(secret);
  });

  test('is not found when any character of it is another', async () => {
    const { deps, table } = aGateway();
    const { token } = await createToken(deps, anApp);
    for (let i = 4; i < token.length; i++) {
      const other = token[i] === 'a' ? 'b' : 'a';
      expect(await findToken(table, token.slice(0, i) + other + token.slice(i + 1))).toBeUndefined();
    }
  });

  test.each(['', 'mlr_', 'mlr__', 'x'.repeat(70), 'mlr_../../etc_passwd'])(
    'is not found for the text %j',
    async (text) => {
      expect(await findToken(aGateway().table, text)).toBeUndefined();
    },
  );

  test('that is revoked stays listed, with the time it ended', async () => {
    const { deps, table, clock } = aGateway();
    const { tokenId } = await createToken(deps, anApp);
    await revokeToken(deps, tokenId);
    const ended = (await listTokens(table))[0]?.revokedAt;
    clock.now = new Date('2026-02-01T00:00:00Z');
    await revokeToken(deps, tokenId);
    expect(await listTokens(table)).toEqual([expect.objectContaining({ tokenId, revokedAt: ended })]);
  });

  test('of other workspaces can neither be seen nor revoked', async () => {
    const { deps, table } = aGateway();
    const caller = { workspaces: ['default', 'shop'] };
    const own = await createToken(deps, { ...anApp, workspaces: ['shop'] });
    const others = await createToken(deps, { ...anApp, workspaces: ['shop', 'bank'] });
    const all = await createToken(deps, { ...anApp, workspaces: ['*'] });
    const seen = (await listTokens(table)).filter((token) => isWithinReach(caller, token));
    expect(seen.map(({ tokenId }) => tokenId)).toEqual([own.tokenId]);
    for (const { tokenId } of [others, all]) {
      await expect(revokeToken(deps, tokenId, (token) => isWithinReach(caller, token))).rejects.toMatchObject({
        name: 'TokenUnknown',
      });
      expect(await revokeToken(deps, tokenId, (token) => isWithinReach({ workspaces: ['*'] }, token))).toMatchObject({
        revokedAt: expect.any(String),
      });
    }
  });

  test('that is not there cannot be revoked', async () => {
    await expect(revokeToken(aGateway().deps, 'nobody')).rejects.toMatchObject({
      name: 'TokenUnknown',
      kind: 'missing',
      message: expect.stringContaining('nobody'),
    });
  });
});

describe('the authorizer', () => {
  test('passes token id, roles and workspaces on, for every method of the stage', async () => {
    const { deps, authorized } = aGateway();
    const { token, tokenId } = await createToken(deps, { ...anApp, roles: ['app', 'auditor'] });
    expect(await authorized(`Bearer ${token}`)).toEqual({
      principalId: tokenId,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Action: 'execute-api:Invoke',
            Effect: 'Allow',
            Resource: 'arn:aws:execute-api:us-east-1:000000000000:abc/v1/*',
          },
        ],
      },
      context: { tokenId, roles: 'app,auditor', workspaces: 'default' },
    });
  });

  test('takes Basic with the token as password, or as user, as clients make it of a URI', async () => {
    const { deps, authorized } = aGateway();
    const { token } = await createToken(deps, anApp);
    for (const pair of [`anyone:${token}`, `:${token}`, `${token}:`, `${token}:x`, token]) {
      expect(await authorized(`Basic ${Buffer.from(pair).toString('base64')}`)).toBeDefined();
    }
  });

  test.each([undefined, '', 'Bearer', 'Bearer nobody', 'Digest abc', 'Basic %%%'])(
    'knows nobody by %j',
    async (header) => {
      expect(await aGateway().authorized(header)).toBeUndefined();
    },
  );

  test.each([
    [
      'TokenExpired',
      (gateway: ReturnType<typeof aGateway>) => {
        gateway.clock.now = new Date('2026-01-02T00:00:00Z');
      },
    ],
    ['TokenRevoked', (gateway: ReturnType<typeof aGateway>, id: string) => revokeToken(gateway.deps, id)],
  ])('lets the function refuse with %s, without any role', async (name, end) => {
    const gateway = aGateway();
    const { token, tokenId } = await createToken(gateway.deps, { ...anApp, expiresInDays: 1 });
    await end(gateway, tokenId);
    const answer = await gateway.authorized(`Bearer ${token}`);
    expect(answer?.context).toMatchObject({ roles: '', workspaces: '', refusal: name });
    expect(() => callerOf({ requestContext: { authorizer: answer?.context } } as never)).toThrow(
      expect.objectContaining({ name, kind: 'unauthenticated', message: expect.stringContaining(tokenId) }),
    );
  });
});

test('a header is read in any case, and other schemes are not taken', () => {
  expect(presentedToken('bearer abc')).toBe('abc');
  expect(presentedToken('Negotiate abc')).toBeUndefined();
});
