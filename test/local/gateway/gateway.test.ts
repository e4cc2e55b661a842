import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { describe, expect, test } from '@jest/globals';
import { apiClient } from '../../../bin/client/api-client.ts';
import { GatewayRoutes } from '../../../lambdas/gateway/contract.ts';
import { LineageRoutes } from '../../../lambdas/lineage/contract.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

const cloud = cloudUnderTest();

/** A request as it goes over the wire, with the token given or none. */
async function raw(
  base: string,
  path: string,
  {
    token,
    method = 'GET',
    body,
    headers = {},
  }: { token?: string; method?: string; body?: string; headers?: Record<string, string> } = {},
) {
  const response = await fetch(`${base}${path}`, {
    method,
    body,
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: (await response.json()) as Record<string, string>,
  };
}
const inference = cloud.inference as string;
const withToken = (token: string) => apiClient({ control: cloud.control, inference: cloud.inference, token });

describe('the gateway on the local cloud', () => {
  test.each([undefined, 'mlr_nobody', `mlr_${'0'.repeat(26)}_${'x'.repeat(43)}`])(
    'answers 401 in each protocol to the token %s',
    async (token) => {
      expect(await raw(cloud.control, '/data/datasets/x', { token })).toMatchObject({
        status: 401,
        body: { error_code: 'UNAUTHENTICATED', name: 'TokenMissing' },
      });
      expect(await raw(inference, '/rain/v2', { token })).toMatchObject({
        status: 401,
        body: { error: expect.stringContaining('token') },
      });
    },
  );

  test('answers 404 in each protocol where there is no route', async () => {
    expect(await raw(cloud.control, '/nothing', { token: cloud.token })).toMatchObject({
      status: 404,
      body: { error_code: 'ENDPOINT_NOT_FOUND' },
    });
    expect(await raw(cloud.control, '/data/nothing', { token: cloud.token })).toMatchObject({
      status: 404,
      body: { error_code: 'ENDPOINT_NOT_FOUND' },
    });
    expect(await raw(inference, '/nothing', { token: cloud.token })).toMatchObject({
      status: 404,
      body: { error: expect.any(String) },
    });
  });

  test('says which role a token lacks, on both APIs', async () => {
    const { token } = await cloud.api.call(GatewayRoutes.createToken, {
      name: 'auditor',
      roles: ['auditor'],
      workspaces: ['default'],
    });
    expect(await raw(cloud.control, '/gateway/tokens/x', { token, method: 'DELETE' })).toMatchObject({
      status: 403,
      body: { name: 'RoleMissing', message: expect.stringContaining('operator') },
    });
    expect((await withToken(token).call(GatewayRoutes.listTokens, {})).tokens.length).toBeGreaterThan(0);
  });

  test('keeps a token out of workspaces that are not its own', async () => {
    const { token } = await cloud.api.call(GatewayRoutes.createToken, {
      name: 'team-a',
      roles: ['auditor'],
      workspaces: ['team-a'],
    });
    const path = '/lineage/ledger/model:default/rain';
    expect(await raw(cloud.control, path, { token })).toMatchObject({ status: 403, body: { name: 'WorkspaceDenied' } });
    expect(await raw(cloud.control, path, { token, headers: { 'x-millrace-workspace': 'team-a' } })).toMatchObject({
      status: 404,
      body: { name: 'ThingUnknown' },
    });
  });

  test('tells the owner of a token that it has expired, or was revoked, and when', async () => {
    const short = await cloud.api.call(GatewayRoutes.createToken, {
      name: 'short',
      roles: ['auditor'],
      workspaces: ['default'],
      expiresInDays: 0.00001,
    });
    const { tokenId, token } = await cloud.api.call(GatewayRoutes.createToken, {
      name: 'gone',
      roles: ['auditor'],
      workspaces: ['default'],
    });
    await cloud.api.call(GatewayRoutes.revokeToken, { tokenId });
    await expect(withToken(token).call(LineageRoutes.showLedger, { ref: 'model:default/x' })).rejects.toMatchObject({
      name: 'TokenRevoked',
      kind: 'unauthenticated',
      message: expect.stringContaining(tokenId),
    });
    await sleep(1000);
    await expect(
      withToken(short.token).call(LineageRoutes.showLedger, { ref: 'model:default/x' }),
    ).rejects.toMatchObject({ name: 'TokenExpired', message: expect.stringContaining(short.expiresAt as string) });
  });

  test('lets nobody give away a role they lack', async () => {
    const { token } = await cloud.api.call(GatewayRoutes.createToken, {
      name: 'operator',
      roles: ['operator'],
      workspaces: ['default'],
    });
    await expect(
      withToken(token).call(GatewayRoutes.createToken, { name: 'x', roles: ['engineer'], workspaces: ['default'] }),
    ).rejects.toMatchObject({ name: 'RoleNotYours', kind: 'denied' });
  });

  test.each([
    ['{"name": 1', 'body'],
    ['[]', 'body'],
    ['{"name":"x","roles":["king"]}', 'roles'],
    ['{"name":"x","roles":["app"],"colour":"red"}', 'colour'],
  ])('refuses the body %s naming %s', async (body, field) => {
    expect(await raw(cloud.control, '/gateway/tokens', { token: cloud.token, method: 'POST', body })).toMatchObject({
      status: 400,
      body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(field) },
    });
  });

  test('gives the first token to nobody but AWS credentials', async () => {
    const { Payload, FunctionError } = await cloud.aws.lambda.send(
      new InvokeCommand({
        FunctionName: 'millrace-local-gateway-first-token',
        Payload: JSON.stringify({ name: 'x', roles: ['king'] }),
      }),
    );
    expect(FunctionError).toBeDefined();
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatchObject({
      errorType: 'InvalidInput',
      errorMessage: expect.stringContaining('roles'),
    });
  });
});
