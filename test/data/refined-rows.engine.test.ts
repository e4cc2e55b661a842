import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { aCsv, aSpec } from '../builders/dataset.ts';
import { manifestOf, refined } from '../builders/refined.ts';
import { aRefinery } from '../builders/refinery.ts';

describe('rows that break the schema', () => {
  const ruleOf = async (value: string, field: number) => {
    const row = ['1', '2019-01-01', '1.5', 'a', 'true', '2019-01-01T10:00:00Z'];
    row[field] = value;
    const { sample } = await refined(aCsv(row.join(','), '2,2019-01-01,,,,'));
    return sample[0]?.rule;
  };

  test.each([
    ['id', 0, '12.7', 'type'],
    ['id', 0, '1e3', 'type'],
    ['id', 0, '0x10', 'type'],
    ['id', 0, '1_000', 'type'],
    ['id', 0, ' 7', 'type'],
    ['id', 0, '9007199254740992', 'type'],
    ['id', 0, '-9007199254740991', undefined],
    ['id', 0, '', 'required'],
    ['id', 0, '""', 'required'],
    ['day', 1, '2019-02-29', 'type'],
    ['day', 1, '2019-1-1', 'type'],
    ['day', 1, 'infinity', 'type'],
    ['day', 1, '01/02/2019', 'type'],
    ['size', 2, 'a lot', 'type'],
    ['size', 2, '+-7', 'type'],
    ['day', 1, '0000-01-01', 'type'],
    ['size', 2, 'nan', 'type'],
    ['size', 2, 'inf', 'type'],
    ['size', 2, '1e999', 'type'],
    ['size', 2, '1_0', 'type'],
    ['size', 2, '"1,5"', 'type'],
    ['size', 2, '-0.1', 'range'],
    ['size', 2, '100.5', 'range'],
    ['size', 2, '1e2', undefined],
    ['size', 2, '.5', undefined],
    ['kind', 3, 'c', 'values'],
    ['kind', 3, 'A', 'values'],
    ['kind', 3, "a' OR 1=1 --", 'values'],
    ['good', 4, 'yes', 'type'],
    ['good', 4, '1', 'type'],
    ['good', 4, 'FALSE', undefined],
    ['seen', 5, '2019-01-01T10:00:00+02:00', 'type'],
    ['seen', 5, '2019-01-01T25:00:00Z', 'type'],
    ['seen', 5, '2019-01-01 10:00:00.123456', undefined],
  ])('%s (field %i): %j breaks %s', async (_name, field, value, rule) => {
    expect(await ruleOf(value, field)).toBe(rule);
  });

  test('are named by row, column, value and rule; the others are taken', async () => {
    const csv = aCsv(
      '1,2019-01-01,5,a,true,',
      '2,2019-01-01',
      '3,,200,c,,',
      '4,2021-01-01,1,b,,',
      '5,2021-01-01,1,b,,,x',
    );
    const { rows, counts, sample, files } = await refined(csv);
    expect(rows).toEqual({ given: 5, broken: 3, repeated: 0, fresh: 2, replaced: 0 });
    expect(sample).toEqual([
      { row: 2, column: '(record)', value: '2,2019-01-01', rule: 'columns', level: 'quarantine' },
      { row: 3, column: 'day', value: null, rule: 'required', level: 'quarantine' },
      { row: 3, column: 'kind', value: 'c', rule: 'values', level: 'quarantine' },
      { row: 3, column: 'size', value: '200', rule: 'range', level: 'quarantine' },
      { row: 5, column: '(record)', value: '5,2021-01-01,1,b,,,x', rule: 'columns', level: 'quarantine' },
    ]);
    expect(counts).toHaveLength(4);
    expect(counts[0]).toEqual({ column: '(record)', rule: 'columns', level: 'quarantine', rows: 2 });
    expect(files.map(({ split, rows: n }) => [split, n])).toEqual([
      ['train', 1],
      ['test', 1],
    ]);
  });

  test('a quoted text may have commas, quotes and line ends', async () => {
    const columns = { ...aSpec().columns, kind: { type: 'string', role: 'feature' } as const };
    const at = aRefinery();
    const { rows, files } = await refined(aCsv('1,2019-01-01,5,"a, ""b""\nc",,'), aSpec({ columns }), at);
    expect(rows.fresh).toBe(1);
    const bytes = (await at.curated.get(`default/things/${files[0]?.path}`)) as Uint8Array;
    const [row] = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
    expect(row).toMatchObject({ kind: 'a, "b"\nc', id: 1n, good: null, seen: null });
  });

  test('of one identity with other values are all doubtful; repeated ones count once', async () => {
    const twice = [
      '1,2019-01-01,5,a,,',
      '2,2019-01-01,6,a,,',
      '1,2019-01-01,5,a,,',
      '2,2019-01-01,7,a,,',
      '3,2019-01-01,,,,',
    ];
    const { rows, sample } = await refined(aCsv(...twice));
    expect(rows).toEqual({ given: 5, broken: 2, repeated: 1, fresh: 2, replaced: 0 });
    expect(sample).toEqual([
      { row: 2, column: 'id', value: '2', rule: 'unique', level: 'quarantine' },
      { row: 4, column: 'id', value: '2', rule: 'unique', level: 'quarantine' },
    ]);
  });

  test('of an identity that the dataset has with other values contradict it, an empty field against a value too', async () => {
    const at = aRefinery();
    const before = await refined(aCsv('1,2019-01-01,5,a,,', '2,2019-01-01,,,,', '4,2019-01-01,5,,,'), aSpec(), at);
    const next = aCsv('1,2019-01-01,6,a,,', '2,2019-01-01,,,,', '3,2019-01-01,1,b,,', '4,2019-01-01,,,,');
    const { rows, sample } = await refined(next, aSpec(), at, manifestOf(aSpec(), before));
    expect(rows).toEqual({ given: 4, broken: 2, repeated: 1, fresh: 1, replaced: 0 });
    expect(sample).toEqual([
      { row: 1, column: 'id', value: '1', rule: 'conflict', level: 'quarantine' },
      { row: 4, column: 'id', value: '4', rule: 'conflict', level: 'quarantine' },
    ]);
  });

  test('without an identity rows may repeat, a whole file may not', async () => {
    const columns = { ...aSpec().columns, id: { type: 'integer', role: 'feature' } as const };
    const spec = aSpec({ columns });
    const at = aRefinery();
    const csv = aCsv('1,2019-01-01,5,a,,', '1,2019-01-01,5,a,,');
    const once = await refined(csv, spec, at);
    expect(once.rows).toMatchObject({ fresh: 2, repeated: 0 });
    const again = await refined(csv, spec, at, manifestOf(spec, once));
    expect(again).toMatchObject({ files: [], rows: { fresh: 0, repeated: 2 } });
  });
});

describe('whatever rows a file has', () => {
  const day = fc.date({ min: new Date('2019-12-20'), max: new Date('2020-01-10'), noInvalidDate: true });
  const rows = fc.uniqueArray(fc.tuple(fc.integer({ min: -1000, max: 1000 }), day), {
    selector: ([id]) => id,
    minLength: 1,
    maxLength: 30,
  });
  const csvOf = (given: readonly (readonly [number, Date])[]) =>
    aCsv(...given.map(([id, at]) => `${id},${at.toISOString().slice(0, 10)},,,,${at.toISOString()}`));

  test('each is in exactly one split, by its day, and their order does not show', async () => {
    const cases = rows.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([list, shuffled]) => {
        const [one, two] = [await refined(csvOf(list)), await refined(csvOf(shuffled))];
        expect(two.files).toEqual(one.files);
        const late = list.filter(([, at]) => at >= new Date('2020-01-01')).length;
        const count = Object.fromEntries(one.files.map(({ split, rows: n }) => [split, n]));
        expect([count['train'] ?? 0, count['test'] ?? 0]).toEqual([list.length - late, late]);
      }),
      { numRuns: 5 },
    );
  });

  test('the test split begins with the first moment of its day where times decide', async () => {
    const columns = { ...aSpec().columns, seen: { type: 'timestamp', role: 'feature' } as const };
    const spec = aSpec({ columns, split: { by: 'seen', testFrom: '2020-01-01' } });
    const csv = aCsv('1,2019-01-01,,,,2019-12-31T23:59:59.999999Z', '2,2019-01-01,,,,2020-01-01T00:00:00Z');
    const { files, columns: profile } = await refined(csv, spec);
    expect(files.map(({ split, rows: n }) => [split, n])).toEqual([
      ['train', 1],
      ['test', 1],
    ]);
    expect(profile['seen']).toMatchObject({ min: '2019-12-31T23:59:59.999999Z', max: '2020-01-01T00:00:00.000000Z' });
  });
});
