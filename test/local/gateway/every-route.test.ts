import { beforeAll, describe, expect, test } from '@jest/globals';
import { GatewayRoutes } from '../../../lambdas/gateway/contract.ts';
import { everyRoute, type KnownRoute } from '../../builders/every-route.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

const cloud = cloudUnderTest();
const base = cloud.control.replace(/\/$/, '');

/** What each route answers, four at a time: more would only wait for the same two processors. */
async function answersTo(routes: readonly KnownRoute[], headers: Record<string, string>) {
  const answers: { route: string; status: number; name: string | undefined }[] = [];
  for (let i = 0; i < routes.length; i += 4)
    answers.push(
      ...(await Promise.all(
        routes.slice(i, i + 4).map(async ({ method, path }) => {
          const response = await fetch(`${base}${path}`, { method, headers, redirect: 'manual' });
          const { name } = (await response.json()) as { name?: string };
          return { route: `${method} ${path}`, status: response.status, name };
        }),
      )),
    );
  return answers;
}

describe('every route of the control API on the local cloud', () => {
  let closed: KnownRoute[];
  const tokens = { revoked: '', app: '' };
  beforeAll(async () => {
    closed = (await everyRoute()).filter(({ isPublic }) => !isPublic);
    const make = (role: 'operator' | 'app') =>
      cloud.api.call(GatewayRoutes.createToken, { name: 'x', roles: [role], workspaces: ['*'] });
    const revoked = await make('operator');
    await cloud.api.call(GatewayRoutes.revokeToken, { tokenId: revoked.tokenId });
    Object.assign(tokens, { revoked: revoked.token, app: (await make('app')).token });
  });

  test('refuses no credential, at each mount', async () => {
    // The authorizer alone says so, for every route in test/gateway/public-paths.test.ts; here the mounts ask it.
    const seen = new Set<string>();
    const first = closed.filter(({ path }) => {
      const mount = path.split('/')[1] as string;
      return !seen.has(mount) && seen.add(mount);
    });
    const answers = await answersTo(first, {});
    expect(answers.length).toBeGreaterThan(6);
    expect(answers.filter(({ status, name }) => status !== 401 || name !== 'TokenMissing')).toEqual([]);
  });

  test.each<[string, () => Record<string, string>, number, string]>([
    ['a revoked token', () => ({ authorization: `Bearer ${tokens.revoked}` }), 401, 'TokenRevoked'],
    ["an app's token", () => ({ authorization: `Bearer ${tokens.app}` }), 403, 'RoleMissing'],
  ])(
    'refuses %s',
    async (_, headers, status, name) => {
      const answers = await answersTo(closed, headers());
      expect(answers.length).toBeGreaterThan(60);
      // The one verb that an app has: it may send records, and these are none.
      const wrong = answers.filter(
        (each) =>
          (each.status !== status || each.name !== name) && !(status === 403 && each.route.includes('/records')),
      );
      expect(wrong).toEqual([]);
    },
    120_000,
  );
});
