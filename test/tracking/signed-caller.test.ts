import { describe, expect, test } from '@jest/globals';
import type { IamCaller } from '../../lambdas/shared/iam-caller.ts';
import { TrackingApiEnv } from '../../lambdas/tracking/contract.ts';
import { mlflowApi, mount } from '../../lambdas/tracking/mlflow-api.ts';
import { routesOf } from '../../lambdas/tracking/mlflow-route.ts';
import { parseStage } from '../../lib/shared/stage.ts';
import { anApiEvent } from '../builders/api-event.ts';

const route = routesOf<object>();
const whoIs = [
  route({ method: 'GET', path: '/who', access: 'read', run: async (_deps, _input, { caller }) => caller }),
  route({ method: 'POST', path: '/who', access: 'write', run: async (_deps, _input, { caller }) => caller }),
];

/** The tracking API of a stage that takes signatures, or of one that does not. */
function anApi(iamCallers?: readonly IamCaller[]) {
  const handle = mlflowApi({
    routes: mount(whoIs, () => ({})),
    requireKnown: async () => {},
    ...(iamCallers && { iamCallers: () => iamCallers }),
    logger: { info: () => {}, error: () => {} },
  });
  return async (name: string, { workspace = 'default', method = 'GET' } = {}) => {
    const path = `/tracking/t/${workspace}/api/2.0/who`;
    const event = anApiEvent({ method, path, caller: null });
    const userArn = `arn:aws:sts::111122223333:assumed-role/${name}/ada`;
    Object.assign(event.requestContext, { identity: { userArn } });
    const { statusCode, body } = await handle(event);
    return { status: statusCode, body: JSON.parse(body) as Record<string, unknown> };
  };
}

describe('a signed request to the tracking API', () => {
  const callers: IamCaller[] = [
    { principal: 'arn:aws:iam::111122223333:role/Scientists', roles: ['scientist'], workspaces: ['default'] },
    { principal: 'arn:aws:iam::111122223333:role/Auditors', roles: ['auditor'], workspaces: ['*'] },
  ];
  const ask = anApi(callers);

  test('has the roles and workspaces that the stage gives its principal', async () => {
    expect(await ask('Scientists')).toMatchObject({
      status: 200,
      body: { tokenId: 'arn:aws:sts::111122223333:assumed-role/Scientists/ada', roles: ['scientist'] },
    });
    expect(await ask('Scientists', { method: 'POST' })).toMatchObject({ status: 200 });
    expect(await ask('Auditors', { workspace: 'team-a' })).toMatchObject({ status: 200 });
  });

  test.each([
    ['Scientists', { workspace: 'team-a' }, 403, 'WorkspaceDenied'],
    ['Auditors', { method: 'POST' }, 403, 'RoleMissing'],
    ['Strangers', {}, 403, 'PrincipalUnknown'],
  ])('of %s with %j is refused', async (name, request, status, error) => {
    expect(await ask(name, request)).toMatchObject({ status, body: { name: error, error_code: 'PERMISSION_DENIED' } });
  });

  test('is nobody in a stage that takes tokens', async () => {
    expect(await anApi()('Scientists')).toMatchObject({ status: 401, body: { name: 'TokenMissing' } });
  });

  test('meets the list that the stage states, as the function reads it', () => {
    const stage = parseStage('prod', { prod: { trackingIam: { callers } } });
    const text = JSON.stringify(stage.trackingIam?.callers);
    expect(TrackingApiEnv.shape.IAM_CALLERS.parse(text)).toEqual(callers);
    for (const wrong of [{ callers: [] }, {}, { callers: [{ ...callers[0], roles: ['king'] }] }])
      expect(() => parseStage('prod', { prod: { trackingIam: wrong } })).toThrow('stages.prod.trackingIam.callers');
  });
});
