import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Row } from '../builders/curated.ts';
import { FEATURES, featurePlatform } from '../builders/feature-platform.ts';

type Platform = Awaited<ReturnType<typeof featurePlatform>>;
const visit = (id: number, shop: string, at: string, amount: number | null = 1): Row => ({
  id,
  shop,
  till: 1,
  at,
  amount,
});
const failing =
  (task: string, name: string, calls = Number.POSITIVE_INFINITY) =>
  (given: string, call: number) => {
    if (given === task && call < calls) throw Object.assign(new Error(`${name} was planned`), { name });
  };

let platform: Platform;
beforeEach(async () => {
  platform = await featurePlatform();
  await platform.apply();
  await platform.versions.add([
    await platform.file([
      visit(1, 'x', '2020-01-01 08:00:00'),
      visit(2, 'x', '2020-01-01 09:30:00'),
      visit(3, 'y', '2020-01-02 10:00:00'),
    ]),
  ]);
});
const x = { shop: 'x', till: 1 };

describe('the materialisation', () => {
  test('writes every entity, page by page, and says that it did', async () => {
    const { status, output, visited } = await platform.materialise();
    expect({ status, output }).toEqual({
      status: 'SUCCEEDED',
      output: { results: [{ set: 'tills', outcome: 'materialised', entities: 2, number: 1 }] },
    });
    expect(visited.filter((state) => state === 'WriteFeatures')).toHaveLength(2);
    expect(await platform.read(x, { shop: 'z', till: 1 })).toEqual([
      expect.objectContaining({
        entity: x,
        values: { last: 0, visits: 2 },
        asOf: '2020-01-01T09:30:00.000000Z',
        number: 1,
      }),
      { entity: { shop: 'z', till: 1 } },
    ]);
  });

  test('has nothing to do a second time, and nothing for datasets without sets', async () => {
    await platform.materialise();
    expect(await platform.materialise({})).toMatchObject({ status: 'SUCCEEDED', output: { results: [] } });
    expect(platform.metrics).toEqual({ 'features-stale-hours': 0, 'default-tills-features-stale-hours': 0 });
    const other = await platform.materialise({ detail: { workspace: 'default', dataset: 'other' } });
    expect(other).toMatchObject({ status: 'SUCCEEDED', output: { results: [] } });
  });

  test.each(['find-features', 'compute-features', 'write-features', 'finish-features'])(
    'goes on when %s was interrupted',
    async (task) => {
      expect(await platform.materialise({}, failing(task, 'Sandbox.Timedout', 2))).toMatchObject({
        status: 'SUCCEEDED',
      });
      expect(await platform.read(x)).toMatchObject([{ values: { visits: 2 } }]);
    },
  );

  test('that breaks off in the middle is made good by the next', async () => {
    const broken = await platform.materialise({}, (task, call) => {
      if (task === 'write-features' && call > 0) throw new Error('gone');
    });
    expect(broken).toMatchObject({ status: 'FAILED', error: 'MaterialisationFailed' });
    expect((await platform.call({ path: '/data/features/tills' })).body).toMatchObject({
      failure: { error: 'Error', reason: 'gone' },
    });
    expect(await platform.materialise({})).toMatchObject({ status: 'SUCCEEDED' });
    const { body } = await platform.call({ path: '/data/features/tills' });
    expect(body).toMatchObject({ materialised: { number: 1, entities: 2 }, staleHours: 0 });
    expect(body).not.toHaveProperty('failure');
  });

  test('of a value that the SQL cannot take fails by name, at once, and names the feature', async () => {
    await platform.versions.add([await platform.file([visit(4, 'x', '2020-01-01 08:00:00', -1)])]);
    const { status, visited } = await platform.materialise();
    expect(status).toBe('FAILED');
    expect(visited.filter((state) => state === 'ComputeFeatures')).toHaveLength(1);
    const { body } = await platform.call({ path: '/data/features/tills' });
    expect(body['failure']).toMatchObject({
      error: 'FeatureUncomputable',
      reason: expect.stringMatching(
        /^features\.last\.sql: got "ln\(amount\)", which a row's value does not fit: .*logarithm/,
      ),
    });
  });

  test('whose failure cannot be written down fails all the same', async () => {
    const trouble = (task: string) => {
      if (task === 'compute-features' || task === 'record-failure') throw new Error('gone');
    };
    expect(await platform.materialise({}, trouble)).toMatchObject({ status: 'FAILED', error: 'MaterialisationFailed' });
  });

  test('of one set does not hold up another', async () => {
    const spec = JSON.stringify({
      ...FEATURES,
      set: 'other',
      features: { n: { sql: 'count(*)', window: '1d', type: 'integer' } },
    });
    await platform.call({ method: 'PUT', path: '/data/features/other', body: { spec } });
    await platform.versions.add([await platform.file([visit(4, 'x', '2020-01-01 08:00:00', -1)])]);
    const { status, cause } = await platform.materialise();
    expect(status).toBe('FAILED');
    expect(JSON.parse(cause ?? '{}').results).toEqual([
      expect.objectContaining({ set: 'other', outcome: 'materialised' }),
      { set: 'tills', outcome: 'failed' },
    ]);
  });
});
