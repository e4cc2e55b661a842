import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Refined } from '../../lambdas/data/ports.ts';
import { curatedRows } from '../builders/curated-rows.ts';
import { aCsv, aSpec } from '../builders/dataset.ts';
import { manifestOf, refined } from '../builders/refined.ts';
import { aRefinery } from '../builders/refinery.ts';

/** The rule of the docs, by hand. */
const isTest = (text: string, percent: number, salt = 'things') =>
  Number.parseInt(createHash('sha256').update(`${salt}/${text}`).digest('hex').slice(0, 8), 16) <
  Math.round((percent / 100) * 2 ** 32);

const rowsOf = (at: ReturnType<typeof aRefinery>, ...parts: Refined[]) =>
  curatedRows(
    at,
    'things',
    parts.flatMap(({ files }) => files),
  );

describe('a split by hash', () => {
  test('puts every value on the side that its hash says, in whatever file it comes', async () => {
    const spec = aSpec({ split: { by: 'id', testPercent: 30 } });
    const ids = fc.uniqueArray(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(ids, fc.nat(), async (list, cut) => {
        const at = aRefinery();
        const lines = list.map((id) => `${id},2019-01-01,,,,`);
        const half = (cut % (list.length - 1)) + 1;
        const one = await refined(aCsv(...lines.slice(0, half)), spec, at);
        const two = await refined(aCsv(...lines.slice(half)), spec, at, manifestOf(spec, one));
        for (const row of await rowsOf(at, one, two))
          expect(row._split).toBe(isTest(String(row['id']), 30) ? 'test' : 'train');
      }),
      { numRuns: 5 },
    );
  });

  test('draws another one with another salt, and keeps a group together', async () => {
    const columns = { ...aSpec().columns, kind: { type: 'string', role: 'group' } as const };
    const csv = aCsv(...Array.from({ length: 300 }, (_, i) => `${i},2019-01-01,,g${i % 40},,`));
    const sides = async (salt: string) => {
      const at = aRefinery();
      const rows = await rowsOf(
        at,
        await refined(csv, aSpec({ columns, split: { by: 'kind', testPercent: 25, salt } }), at),
      );
      return new Map(rows.map((row) => [`${row['kind']}`, row._split]));
    };
    const [one, two] = [await sides('a'), await sides('b')];
    expect(one.size).toBe(40);
    expect([...one].every(([kind, side]) => (side === 'test') === isTest(kind, 25, 'a'))).toBe(true);
    expect([...one]).not.toEqual([...two]);
  });

  test('of a column that is kept apart refuses the file that would bring a value to both sides', async () => {
    const columns = { ...aSpec().columns, kind: { type: 'string', role: 'feature', nullable: true } as const };
    const spec = aSpec({ columns, split: { by: 'day', testFrom: '2020-01-01', apart: ['kind'] } });
    const at = aRefinery();
    const before = await refined(aCsv('1,2019-01-01,,x,,', '2,2019-01-01,,,,', '3,2021-01-01,,,,'), spec, at);
    const keys = at.curated.keys();
    await expect(refined(aCsv('4,2021-01-01,,x,,'), spec, at, manifestOf(spec, before))).rejects.toMatchObject({
      name: 'SplitLeak',
      message: 'split.apart: kind: got values on both sides of the split: x; expected each on one',
    });
    expect(at.curated.keys()).toEqual(keys);
  });
});

describe('a partition', () => {
  test.each([
    ['day', ['2019-12-31', '2020-01-01']],
    ['month', ['2019-12', '2020-01']],
    ['year', ['2019', '2020']],
  ] as const)('by %s keeps its rows in files of their own, late ones too', async (every, units) => {
    const spec = aSpec({ partition: { by: 'day', every }, split: { by: 'id', testPercent: 50 } });
    const at = aRefinery();
    const one = await refined(aCsv('1,2020-01-01,,,,', '2,2019-12-31,,,,', '3,2020-01-01,,,,'), spec, at);
    const late = await refined(aCsv('4,2019-12-31,,,,'), spec, at, manifestOf(spec, one));
    for (const row of await rowsOf(at, one, late)) {
      const day = (row['day'] as Date).toISOString().slice(0, 10);
      expect(row._partition).toBe(day.slice(0, units[0].length));
    }
    expect(new Set([...one.files, ...late.files].map(({ partition }) => partition))).toEqual(new Set(units));
    for (const { path, split, partition } of late.files)
      expect(path.startsWith(`${split}/${every}=${partition}/`)).toBe(true);
  });
});

describe('a row whose identity the dataset has with other values', () => {
  test('takes the place of the old one where the spec says so', async () => {
    const spec = aSpec({ conflict: 'replace' });
    const at = aRefinery();
    const one = await refined(aCsv('1,2019-01-01,1,,,', '2,2019-01-01,2,,,', '3,2021-01-01,3,,,'), spec, at);
    const before = manifestOf(spec, one);
    const two = await refined(aCsv('2,2019-01-01,20,,,', '3,2021-01-01,3,,,', '4,2019-01-01,4,,,'), spec, at, before);
    expect(two.rows).toEqual({ given: 3, broken: 0, repeated: 1, fresh: 2, replaced: 1 });
    const kept = before.files.filter(({ path }) => !two.superseded.includes(path));
    const rows = await curatedRows(at, 'things', [...kept, ...two.files]);
    expect(rows.map(({ id, size }) => [Number(id), size]).sort()).toEqual([
      [1, 1],
      [2, 20],
      [3, 3],
      [4, 4],
    ]);
    expect(two.columns['size']).toMatchObject({ count: 4, max: 20 });
  });
});

describe('a snapshot', () => {
  test('is the whole dataset: rows that are not in it any more go, files that stay the same stay', async () => {
    const spec = aSpec({ snapshot: true });
    const at = aRefinery();
    const one = await refined(aCsv('1,2019-01-01,1,,,', '2,2021-01-01,2,,,'), spec, at);
    const before = manifestOf(spec, one);
    const two = await refined(aCsv('3,2019-01-01,1,,,', '2,2021-01-01,2,,,'), spec, at, before);
    expect(two.rows).toMatchObject({ fresh: 1, replaced: 1, broken: 0 });
    expect(two.superseded).toEqual(one.files.filter(({ split }) => split === 'train').map(({ path }) => path));
    const same = await refined(aCsv('2,2021-01-01,2,,,', '1,2019-01-01,1,,,'), spec, at, before);
    expect(same).toMatchObject({ files: [], superseded: [], columns: {} });
  });
});
