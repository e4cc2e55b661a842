import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RefineRequest } from '../../lambdas/data/ports.ts';
import { RecordCuts } from '../../lambdas/data/record-cuts.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { curatedRows } from '../builders/curated-rows.ts';
import { aCsv, aSpec } from '../builders/dataset.ts';
import { parquetOf } from '../builders/parquet-file.ts';
import { refined } from '../builders/refined.ts';
import { aRefinery } from '../builders/refinery.ts';

describe('where a file is cut', () => {
  test('no record is cut, whatever is quoted and however the bytes come', () => {
    const field = fc
      .array(fc.constantFrom('a', ',', '\n', '"', ' '), { maxLength: 8 })
      .map((parts) => `"${parts.join('').replaceAll('"', '""')}"`);
    const plain = fc
      .array(fc.constantFrom('a', '"', ' '), { minLength: 1, maxLength: 5 })
      .map((parts) => `x${parts.join('')}`);
    const records = fc.array(
      fc.tuple(fc.oneof(field, plain), fc.oneof(field, plain)).map((fields) => `${fields.join(',')}\n`),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(records, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 17 }), (list, every, size) => {
        const bytes = Buffer.from(list.join(''));
        const cuts = new RecordCuts(every, { quote: 0x22, delimiter: 0x2c });
        for (let at = 0; at < bytes.length; at += size) cuts.add(bytes.subarray(at, at + size));
        const ends = new Set<number>();
        let at = 0;
        for (const record of list) {
          at += Buffer.byteLength(record);
          ends.add(at);
        }
        for (const cut of cuts.cuts) expect(ends.has(cut)).toBe(true);
        // The first end at or behind every multiple is taken: a part is never longer than it has to be.
        let from = 0;
        for (const cut of cuts.cuts) {
          const first = [...ends].find((end) => end >= from + every);
          expect(cut).toBe(first);
          from = cut;
        }
      }),
    );
  });
});

const KEY = 'default/things/2026-01-05/0123456789abcdefghjkmnpqrs/';

/** Takes a file part by part, in an order of their own, and some of them twice. */
async function inParts(
  file: string | Uint8Array,
  name: string,
  { spec = aSpec(), partBytes = 300, twice = true } = {},
) {
  const at = aRefinery({ partBytes });
  await at.raw.put(`${KEY}${name}`, file);
  const request: RefineRequest & { specDigest: ReturnType<typeof digestOf> } = {
    ...{
      workspace: 'default',
      object: { key: `${KEY}${name}` },
      spec,
      at: '2026-01-05T09:00:00.000Z',
      specDigest: digestOf('spec'),
    },
  };
  const plan = await at.refinery.plan(request);
  if (!plan) throw new Error('the file was not split');
  for (const part of [...plan.parts].reverse()) await at.refinery.refinePart(request, plan, part);
  if (twice) await at.refinery.refinePart(request, plan, plan.parts[1] as (typeof plan.parts)[number]);
  return { at, plan, ...(await at.refinery.finish(request, plan)) };
}

const sorted = (rows: Record<string, unknown>[]) =>
  rows.map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? Number(value) : value))).sort();

describe('a file that is taken in parts', () => {
  const rows = [
    ...Array.from(
      { length: 60 },
      (_, i) => `${i},20${18 + (i % 5)}-01-0${(i % 9) + 1},${i % 7 ? i : ''},${i % 3 ? '"a"' : 'b'},true,`,
    ),
    '7,2018-01-01,1,a,,', // another row 7
    '8,2021-01-09,8,"a",true,', // row 8 again
    'x,2018-01-01,1,a,,',
    '70,2018-01-01,1000,a,,',
    '71,2018-01-01',
    '72,2018-01-01,1,a,,',
  ];

  test('gives the same files, profile and counts as the same file taken at once', async () => {
    const at = aRefinery();
    const whole = await refined(aCsv(...rows), aSpec(), at, undefined, { name: 'f.csv' });
    const parts = await inParts(aCsv(...rows), 'f.csv');
    expect(parts.plan.parts.length).toBeGreaterThan(4);
    expect(parts.rows).toEqual(whole.rows);
    expect(parts.files).toEqual(whole.files);
    expect(parts.columns).toEqual(whole.columns);
    expect(parts.counts).toEqual(whole.counts);
    // What is in dispute between parts has no place in the file.
    const placed = (sample: typeof whole.sample) => sample.filter(({ rule }) => rule !== 'unique');
    expect(placed(parts.sample)).toEqual(placed(whole.sample));
    expect(parts.sample.filter(({ rule }) => rule === 'unique')).toMatchObject([
      { row: null, value: '7' },
      { row: null, value: '7' },
    ]);
  });

  test('leaves nothing but its staged parts behind twice', async () => {
    const { at, files } = await inParts(aCsv(...rows), 'f.csv');
    const others = at.curated.keys().filter((key) => !key.startsWith('_staging/'));
    expect(others).toEqual(files.map(({ path }) => `default/things/${path}`).sort());
  });

  test('may be JSON Lines, whose quotes mean nothing to where it is cut', async () => {
    const lines = Array.from({ length: 40 }, (_, i) =>
      JSON.stringify({ id: i, day: '2019-01-01', kind: i % 2 ? 'a' : 'b' }),
    );
    lines[20] = '{"id": "an open quote}';
    const { rows: n, sample } = await inParts(lines.join('\n'), 'f.jsonl');
    expect(n).toMatchObject({ given: 40, broken: 1, fresh: 39 });
    expect(sample).toMatchObject([{ row: 21, rule: 'record' }]);
  });

  test('may be Parquet, by its rows', async () => {
    const bytes = await parquetOf(
      `SELECT i AS id, DATE '2018-01-01' + i::INTEGER AS day, i / 2.0 AS size, 'a' AS kind, true AS good, NULL::TIMESTAMP AS seen FROM range(300) t(i)`,
    );
    const columns = { ...aSpec().columns, size: { type: 'double', role: 'feature' } as const };
    const spec = aSpec({ columns, split: { by: 'id', testPercent: 20 } });
    const { at, plan, files, rows: n } = await inParts(bytes, 'f.parquet', { spec, partBytes: 1000 });
    expect(plan.parts.length).toBeGreaterThan(2);
    expect(n).toMatchObject({ given: 300, broken: 0, fresh: 300 });
    const one = aRefinery();
    const whole = await refined(bytes, spec, one, undefined, { name: 'f.parquet' });
    expect(sorted(await curatedRows(at, 'things', files))).toEqual(
      sorted(await curatedRows(one, 'things', whole.files)),
    );
  });

  test('is not split where it has no places to begin at, or no second part', async () => {
    const planned = async (file: Uint8Array | string, name: string, partBytes: number) => {
      const at = aRefinery({ partBytes });
      await at.raw.put(`${KEY}${name}`, file);
      return at.refinery.plan({
        workspace: 'default',
        object: { key: `${KEY}${name}` },
        spec: aSpec(),
        at: '',
        specDigest: digestOf(''),
      });
    };
    const { gzipSync } = await import('node:zlib');
    expect(await planned(gzipSync(aCsv(...rows)), 'f.csv.gz', 100)).toBeUndefined();
    expect(await planned(aCsv(...rows), 'f.csv', 1e6)).toBeUndefined();
    expect(await planned(aCsv(...rows), 'f.csv', 300)).toBeDefined();
  });
});
