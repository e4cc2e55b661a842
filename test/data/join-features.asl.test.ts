import { beforeEach, describe, expect, test } from '@jest/globals';
import { FeatureRoutes } from '../../lambdas/data/contract.ts';
import { handler } from '../../lambdas/data/handlers/api.ts';
import type { RouteTable } from '../../lambdas/shared/route.ts';
import { anApiEvent } from '../builders/api-event.ts';
import { featurePlatform } from '../builders/feature-platform.ts';

let platform: Awaited<ReturnType<typeof featurePlatform>>;
beforeEach(async () => {
  platform = await featurePlatform();
  await platform.apply();
});

const visit = (id: number, at: string, good: boolean | null = true) => ({
  id,
  shop: 'x',
  till: 1,
  at,
  amount: 1,
  good,
});
async function twoSplits() {
  const train = await platform.file([visit(1, '2020-01-01 08:00:00'), visit(2, '2020-01-01 20:00:00', false)]);
  const test = await platform.file([visit(3, '2020-02-01 08:00:00')], 'test');
  await platform.versions.add([train, test]);
}
/** Joins to a spine, or to the training rows; gives what came of it, with the lines of its file. */
async function join(spine?: string) {
  const path = '/data/features/tills';
  let id: unknown;
  if (spine !== undefined) {
    const { body } = await platform.call({ method: 'POST', path: `${path}/spines`, body: { bytes: spine.length } });
    id = body['uploadId'];
    await platform.features.put(String(body['key']), spine);
  }
  const started = await platform.call({
    method: 'POST',
    path: `${path}/joins`,
    body: { format: 'csv', ...(id ? { spine: id } : {}) },
  });
  const { body } = await platform.call({ path: `${path}/joins/${started.body['join']}` });
  const { key } = (body['result'] ?? {}) as { key?: string };
  const bytes = key === undefined ? undefined : await platform.features.get(key);
  return { body, lines: bytes && Buffer.from(bytes).toString().trimEnd().split('\n') };
}

describe('a join', () => {
  test('answers every row of a spine in its order, from training rows alone', async () => {
    await twoSplits();
    const { body, lines } = await join(
      'why,till,shop,at\n"a, b",1,x,2020-01-02\n,1,x,2020-02-01T09:00:00Z\nc,1,y,2020-01-02\n',
    );
    expect(body).toMatchObject({
      status: 'succeeded',
      result: { rows: 3, number: 1 },
      url: expect.stringContaining('/joins/'),
    });
    expect(lines).toEqual([
      'why,till,shop,at,last,visits',
      '"a, b",1,x,2020-01-02,0.0,2',
      ',1,x,2020-02-01T09:00:00Z,0.0,0',
      'c,1,y,2020-01-02,,0',
    ]);
  });

  test('without a spine answers the training rows, with keys and targets', async () => {
    await twoSplits();
    expect((await join()).lines).toEqual([
      'shop,till,at,good,id,last,visits',
      'x,1,2020-01-01T08:00:00.000000Z,true,1,0.0,1',
      'x,1,2020-01-01T20:00:00.000000Z,false,2,0.0,2',
    ]);
  });

  test('of evaluation sees what was held out, up to the time asked', async () => {
    await twoSplits();
    await platform.features.put(
      'default/tills/spines/s.csv',
      'shop,till,at\nx,1,2020-02-01T07:59:59Z\nx,1,2020-02-01T08:00:00Z\n',
    );
    const request = { workspace: 'default', set: 'tills', join: 'j', spine: 's', format: 'csv' as const };
    const { key } = await platform.join(request, 'evaluation');
    expect(Buffer.from((await platform.features.get(key)) ?? '').toString()).toBe(
      'shop,till,at,last,visits\nx,1,2020-02-01T07:59:59Z,0.0,0\nx,1,2020-02-01T08:00:00Z,0.0,1\n',
    );
  });

  test('to a spine without rows is a file without rows', async () => {
    await twoSplits();
    expect(await join('shop,till,at\n')).toMatchObject({
      body: { result: { rows: 0 } },
      lines: ['shop,till,at,last,visits'],
    });
  });

  test('gives the same bytes again', async () => {
    await twoSplits();
    const first = await join();
    const second = await join();
    expect(second.body['result']).toMatchObject({ sha256: (first.body['result'] as { sha256: string }).sha256 });
  });

  test.each([
    ['lacks the time', 'shop,till\nx,1\n', /got the columns shop, till, expected at among them/],
    [
      'has a word for a number',
      'shop,till,at\nx,1,2020-01-01\nx,one,2020-01-01\n',
      /row 2: till: got "one", expected one of type integer/,
    ],
    ['has a fraction of a till', 'shop,till,at\nx,1.5,2020-01-01\n', /row 1: till: got "1.5"/],
    ['has an empty entity', 'shop,till,at\n,1,2020-01-01\n', /row 1: shop: got nothing, expected/],
    ['has a day that there is not', 'shop,till,at\nx,1,2020-02-30\n', /row 1: at: got "2020-02-30"/],
    ['has a time of another zone', 'shop,till,at\nx,1,2020-02-01T00:00:00+02:00\n', /row 1: at: got/],
    ['has a feature among its columns', 'shop,till,at,Visits\nx,1,2020-01-01,1\n', /got a column Visits/],
    ['has a row that is too long', 'shop,till,at\nx,1,2020-01-01,1,2,3\n', /spine: got/],
  ])('to a spine that %s is refused by row and column', async (_what, spine, message) => {
    await twoSplits();
    const { body } = await join(spine);
    expect(body).toMatchObject({
      status: 'failed',
      error: { name: 'SpineInvalid', message: expect.stringMatching(message) },
    });
  });

  test('to a spine that nobody put there, of a dataset without versions, or of another set is told by name', async () => {
    expect((await join()).body).toMatchObject({ status: 'failed', error: { name: 'DatasetVersionMissing' } });
    await twoSplits();
    const body = { format: 'csv', spine: '0123456789abcdefghjkmnpqrs' };
    const started = await platform.call({ method: 'POST', path: '/data/features/tills/joins', body });
    const shown = await platform.call({ path: `/data/features/tills/joins/${started.body['join']}` });
    expect(shown.body).toMatchObject({ error: { name: 'SpineMissing' } });
    const elsewhere = await platform.call({ path: `/data/features/other/joins/${started.body['join']}` });
    expect(elsewhere).toMatchObject({ status: 404, body: { name: 'JoinMissing' } });
  });
});

describe('the API of features', () => {
  test('mounts every route of the contract', async () => {
    for (const { method, path } of Object.values(FeatureRoutes as RouteTable)) {
      const event = anApiEvent({ method, path: path.replaceAll(/\{\w+\}/g, 'x'), caller: null });
      expect(await handler(event, {} as never)).toMatchObject({ statusCode: 401 });
    }
  });

  test('lets an auditor look and not change, read values, or join', async () => {
    const caller = { roles: 'auditor' };
    expect(await platform.call({ path: '/data/features/tills', caller })).toMatchObject({ status: 200 });
    for (const [method, path] of [
      ['PUT', '/data/features/tills'],
      ['POST', '/data/features/tills/values'],
      ['POST', '/data/features/tills/joins'],
    ] as const)
      expect(await platform.call({ method, path, body: {}, caller })).toMatchObject({ status: 403 });
  });

  test('tells a wrong entity by place and rule', async () => {
    const body = {
      entities: [
        { shop: 'x', till: 1 },
        { shop: 'x', till: 'one' },
      ],
    };
    const answer = await platform.call({ method: 'POST', path: '/data/features/tills/values', body });
    expect(answer).toMatchObject({
      status: 400,
      body: { name: 'EntityInvalid', message: expect.stringContaining('entities.1.till: got "one"') },
    });
  });
});
