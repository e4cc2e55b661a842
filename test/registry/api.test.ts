import { describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import { modelFact } from '../../lambdas/registry/contract.ts';
import { listModelsEndpoint } from '../../lambdas/registry/handlers/list-models.ts';
import { setAliasEndpoint } from '../../lambdas/registry/handlers/set-alias.ts';
import { showModelEndpoint } from '../../lambdas/registry/handlers/show-model.ts';
import { showVersionEndpoint } from '../../lambdas/registry/handlers/show-version.ts';
import { api } from '../../lambdas/shared/api.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { type ApiEventParts, anApiEvent } from '../builders/api-event.ts';
import { registered } from '../builders/registration.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const clock = () => new Date('2026-01-06T09:00:00.000Z');

/** The registry's function as it is mounted, over a table in memory. */
function ask(table: Table) {
  const deps = { table, clock };
  const endpoints = [listModelsEndpoint, showModelEndpoint, showVersionEndpoint, setAliasEndpoint];
  const handler = api(
    endpoints.map((each) => each.with(deps)),
    { logger: recordingLogger() },
  ).lambda();
  return async (parts: ApiEventParts) => {
    const { statusCode, body } = (await handler(anApiEvent(parts), {} as Context)) as APIGatewayProxyResult;
    return { status: statusCode, body: JSON.parse(body) };
  };
}
const engineer = { roles: 'engineer', tokenId: 'eva' };
const setAlias = (alias: string, version: unknown, caller: ApiEventParts['caller'] = engineer) => ({
  method: 'PUT',
  path: `/registry/models/rain/aliases/${alias}`,
  body: { version },
  caller,
});

describe('the registry API', () => {
  test('lists models, shows one, and shows a version with its evidence', async () => {
    const call = ask(await registered(memoryTable(), 2));
    const at = '2026-01-05T08:00:00.000Z';
    const rain = { model: 'rain', latestVersion: 2, aliases: {}, createdAt: at, updatedAt: at };
    expect(await call({ path: '/registry/models' })).toEqual({ status: 200, body: { models: [rain] } });
    expect(await call({ path: '/registry/models/rain' })).toEqual({ status: 200, body: rain });
    expect(await call({ path: '/registry/models/rain/versions/2' })).toMatchObject({
      status: 200,
      body: { version: 2, run: 'run:default/token-2', gate: { passed: true } },
    });
  });

  test.each([
    ['/registry/models/fog', 'ModelMissing', 404],
    ['/registry/models/fog/versions/1', 'ModelMissing', 404],
    ['/registry/models/rain/versions/7', 'ModelVersionMissing', 404],
    ['/registry/models/rain/versions/0', 'InvalidInput', 400],
    ['/registry/models/rain/versions/1.5', 'InvalidInput', 400],
    ['/registry/models/rain%2F1', 'ModelNameInvalid', 400],
  ])('answers %s with %s', async (path, name, status) => {
    const call = ask(await registered(memoryTable(), 1));
    expect(await call({ path })).toMatchObject({ status, body: { name } });
  });

  test('an engineer chooses the champion, under the name of the token', async () => {
    const table = await registered(memoryTable(), 2);
    const answer = await ask(table)(setAlias('champion', 2));
    expect(answer).toEqual({ status: 200, body: { model: 'rain', alias: 'champion', version: 2 } });
    const entry = table.items().find(({ action }) => action === 'champion-chosen');
    expect(entry).toMatchObject({ actor: 'eva', at: clock().toISOString() });
    const events = table.items().filter(({ sk }) => sk === 'event');
    expect(events.at(-1)).toMatchObject({
      event: { domain: 'registry', type: 'ChampionChosen', detail: { model: 'rain', version: 2 } },
    });
  });

  test('a scientist names versions, but does not choose the champion', async () => {
    const table = await registered(memoryTable(), 1);
    const call = ask(table);
    const scientist = { roles: 'scientist' };
    expect(await call(setAlias('my-best_one', 1, scientist))).toMatchObject({ status: 200 });
    expect(await call(setAlias('champion', 1, scientist))).toMatchObject({
      status: 403,
      body: { name: 'RoleMissing' },
    });
    expect((await modelFact(table, 'default', 'rain'))?.aliases).toEqual({ 'my-best_one': 1 });
  });

  test.each(['operator', 'approver', 'auditor', 'app'])('a token that is %s only names nothing', async (roles) => {
    const table = await registered(memoryTable(), 1);
    expect(await ask(table)(setAlias('mine', 1, { roles }))).toMatchObject({
      status: 403,
      body: { name: 'RoleMissing' },
    });
  });

  test.each([
    ['live', 'AliasReserved'],
    ['latest', 'AliasReserved'],
    ['Latest', 'AliasReserved'],
    ['v3', 'AliasReserved'],
    ['V03', 'AliasReserved'],
    ['a%20b', 'AliasInvalid'],
    ['a.b', 'AliasInvalid'],
    ['caf%C3%A9!', 'AliasInvalid'],
    ['__proto__', 'AliasInvalid'],
    ['constructor', 'AliasInvalid'],
  ])('alias %s is refused as %s and nothing changes', async (alias, name) => {
    const table = await registered(memoryTable(), 1);
    const before = table.items();
    expect(await ask(table)(setAlias(alias, 1))).toMatchObject({ status: 400, body: { name } });
    expect(table.items()).toEqual(before);
  });

  test.each([
    ['nothing', undefined, 'InvalidInput', 400],
    ['zero', 0, 'InvalidInput', 400],
    ['a word', 'one', 'InvalidInput', 400],
    ['a version that does not exist', 2, 'ModelVersionMissing', 404],
  ])('a champion that is %s is refused', async (_, version, name, status) => {
    const call = ask(await registered(memoryTable(), 1));
    expect(await call(setAlias('champion', version))).toMatchObject({ status, body: { name } });
  });

  test('a model has at most 100 aliases, and the ones it has can still be moved', async () => {
    const call = ask(await registered(memoryTable(), 2));
    for (let i = 1; i <= 100; i++) expect(await call(setAlias(`a${i}`, 1))).toMatchObject({ status: 200 });
    expect(await call(setAlias('a101', 1))).toMatchObject({ status: 400, body: { name: 'AliasInvalid' } });
    expect(await call(setAlias('a100', 2))).toMatchObject({ status: 200 });
    expect(await call(setAlias('champion', 2))).toMatchObject({ status: 200 });
  });

  test('a version may come as text, as from a command line', async () => {
    const call = ask(await registered(memoryTable(), 1));
    expect(await call(setAlias('champion', '1'))).toMatchObject({ status: 200, body: { version: 1 } });
  });
});
