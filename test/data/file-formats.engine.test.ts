import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import type { Refined } from '../../lambdas/data/ports.ts';
import { aCsv, aSpec, weatherCsv, weatherSpec } from '../builders/dataset.ts';
import { parquetOf } from '../builders/parquet-file.ts';
import { refined } from '../builders/refined.ts';
import { aRefinery } from '../builders/refinery.ts';

const ROWS = ['1,2019-01-01,1.5,a,true,2019-01-01T10:00:00Z', '2,2021-03-04,,,,', '3,2019-12-31,100,b,false,'];
const LINES = [
  '{"id":1,"day":"2019-01-01","size":1.5,"kind":"a","good":true,"seen":"2019-01-01T10:00:00Z"}',
  '{"id":"2","day":"2021-03-04","size":null}',
  '{"id":3,"kind":"b","day":"2019-12-31","size":1e2,"good":false}',
];

async function rowsOf(at: ReturnType<typeof aRefinery>, { files }: Refined) {
  const rows: Record<string, unknown>[] = [];
  for (const { path } of files) {
    const bytes = (await at.curated.get(`default/things/${path}`)) as Uint8Array;
    rows.push(...(await parquetReadObjects({ file: new Uint8Array(bytes).buffer })));
  }
  return rows;
}

describe('the same rows in another format', () => {
  let csv: Refined;
  beforeAll(async () => {
    csv = await refined(aCsv(...ROWS));
  });
  const same = (other: Refined) => expect([other.files, other.rows]).toEqual([csv.files, csv.rows]);

  test('gzip around it', async () =>
    same(await refined(gzipSync(aCsv(...ROWS)), aSpec(), aRefinery(), undefined, { name: 'f.csv.gz' })));

  test('another delimiter, quote and words for nothing', async () => {
    const spec = aSpec({ format: { delimiter: ';', quote: "'", nulls: ['NA', 'n/a'] } });
    const text = aCsv(...ROWS)
      .replace('2021-03-04,,,,', '2021-03-04,NA,n/a,NA,')
      .replace('1.5,a', "1.5,'a'")
      .replaceAll(',', ';');
    same(await refined(text, spec));
  });

  test('tabs, where the name says so', async () => {
    same(await refined(aCsv(...ROWS).replaceAll(',', '\t'), aSpec(), aRefinery(), undefined, { name: 'f.tsv' }));
  });

  test.each(['latin-1', 'utf-16'] as const)('%s, where the spec says so', async (encoding) => {
    const columns = { ...aSpec().columns, kind: { type: 'string', role: 'feature', nullable: true } as const };
    const text = aCsv('1,2019-01-01,1,größe é,,');
    const bytes = Buffer.from(text, encoding === 'latin-1' ? 'latin1' : 'utf16le');
    const [plain, other] = [
      await refined(text, aSpec({ columns })),
      await refined(bytes, aSpec({ columns, format: { encoding } })),
    ];
    expect(other.files).toEqual(plain.files);
  });

  test('JSON Lines, numbers written as texts and members in any order', async () => {
    same(await refined(`${LINES.join('\n')}\n`, aSpec(), aRefinery(), undefined, { name: 'f.jsonl' }));
    same(await refined(gzipSync(LINES.join('\n')), aSpec(), aRefinery(), undefined, { name: 'f.ndjson.gz' }));
  });

  test('Parquet', async () => {
    const bytes = await parquetOf(`SELECT * FROM (VALUES
      (1::TINYINT, DATE '2019-01-01', 1.5::FLOAT, 'a', true, TIMESTAMPTZ '2019-01-01 10:00:00Z'),
      (2, DATE '2021-03-04', NULL, NULL, NULL, NULL), (3, DATE '2019-12-31', 100, 'b', false, NULL)) t(id, day, size, kind, good, seen)`);
    same(await refined(bytes, aSpec(), aRefinery(), undefined, { name: 'f.parquet' }));
  });

  test.each(['file', 'stream'] as const)('an Arrow %s', async (kind) => {
    const table = tableFromArrays({
      id: Int32Array.of(1, 2, 3),
      day: [new Date('2019-01-01'), new Date('2021-03-04'), new Date('2019-12-31')],
      size: [1.5, null, 100],
      kind: ['a', null, 'b'],
      good: [true, null, false],
      seen: [new Date('2019-01-01T10:00:00Z'), null, null],
    });
    const at = aRefinery();
    const got = await refined(
      tableToIPC(table, kind),
      aSpec({ columns: { ...aSpec().columns, day: { type: 'timestamp', role: 'feature' } } }),
      at,
      undefined,
      { name: 'f.arrow' },
    );
    expect(got.rows).toEqual(csv.rows);
    expect(await rowsOf(at, got)).toContainEqual({
      id: 1n,
      day: new Date('2019-01-01'),
      size: 1.5,
      kind: 'a',
      good: true,
      seen: new Date('2019-01-01T10:00:00Z'),
    });
  });
});

describe('JSON Lines', () => {
  const take = (...lines: string[]) => refined(lines.join('\n'), aSpec(), aRefinery(), undefined, { name: 'f.jsonl' });
  const good = '{"id":1,"day":"2019-01-01"}';

  test.each([
    ['no JSON', '{"id":2,', 'record', '(record)'],
    ['a list', '[2]', 'record', '(record)'],
    ['a member that the spec does not name', '{"id":2,"day":"2019-01-01","more":1}', 'columns', '(record)'],
    ['a fraction for a whole number', '{"id":2.5,"day":"2019-01-01"}', 'type', 'id'],
    ['an object for a text', '{"id":2,"day":"2019-01-01","kind":{"a":1}}', 'type', 'kind'],
    ['a missing member', '{"id":2}', 'required', 'day'],
    ['a text for a number', '{"id":2,"day":"2019-01-01","size":"big"}', 'type', 'size'],
  ])('%s is quarantined, and the rest goes on', async (_what, line, rule, column) => {
    const { rows, sample } = await take(good, line, '{"id":3,"day":"2019-01-01"}');
    expect(rows).toMatchObject({ given: 3, broken: 1, fresh: 2 });
    expect(sample).toMatchObject([{ row: 2, rule, column }]);
  });

  test('bytes that are no UTF-8 are one record of it', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${good}\n`),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.from('{"id":3,"day":"2019-01-01"}\n'),
    ]);
    const { rows, sample } = await refined(bytes, aSpec(), aRefinery(), undefined, { name: 'f.jsonl' });
    expect(rows).toMatchObject({ given: 3, broken: 1, fresh: 2 });
    expect(sample).toMatchObject([{ row: 2, rule: 'record' }]);
  });
});

describe('Parquet', () => {
  const take = async (sql: string) =>
    refined(
      await parquetOf(sql),
      aSpec({ columns: { id: { type: 'integer', role: 'key' }, day: { type: 'date', role: 'feature' } } }),
      aRefinery(),
      undefined,
      { name: 'f.parquet' },
    );

  test("a column of a type that cannot be the spec's is refused by name", async () => {
    await expect(take(`SELECT 1 AS id, 2.5 AS day`)).rejects.toMatchObject({
      name: 'ColumnTypeMismatch',
      message: expect.stringContaining('day: got DECIMAL'),
    });
  });

  test('values that would not stay the same are quarantined', async () => {
    const { rows, sample } = await take(
      `SELECT * FROM (VALUES (1.0, TIMESTAMP '2019-01-01'), (2.5, TIMESTAMP '2019-01-01'), (3, TIMESTAMP '2019-01-01 10:00:00')) t(id, day)`,
    );
    expect(rows).toMatchObject({ given: 3, broken: 2, fresh: 1 });
    expect(sample).toMatchObject([
      { row: 2, column: 'id', rule: 'type', value: '2.5' },
      { row: 3, column: 'day', rule: 'type' },
    ]);
  });

  test('columns are missed, and others not asked for', async () => {
    await expect(take("SELECT 1 AS id, DATE '2019-01-01' AS tag")).rejects.toMatchObject({
      name: 'HeaderMismatch',
      message: expect.stringMatching(/lacks "day".*has "tag"/),
    });
  });

  test.each([0.3, 0.9])('cut off at %d of its bytes is no Parquet', async (share) => {
    const bytes = await parquetOf("SELECT i AS id, DATE '2019-01-01' AS day FROM range(10000) t(i)");
    const cut = bytes.subarray(0, Math.floor(bytes.length * share));
    await expect(refined(cut, aSpec(), aRefinery(), undefined, { name: 'f.parquet' })).rejects.toMatchObject({
      name: 'ParquetUnreadable',
    });
  });
});

describe('a file that is', () => {
  test('gzip without its end is refused as such', async () => {
    const whole = gzipSync(weatherCsv());
    await expect(refined(whole.subarray(0, whole.length / 2), weatherSpec())).rejects.toMatchObject({
      name: 'FileTruncated',
    });
  });

  test('gzip with a flipped bit is refused as such', async () => {
    const bytes = gzipSync(weatherCsv());
    bytes[bytes.length >> 1]! ^= 0x10;
    await expect(refined(bytes, weatherSpec())).rejects.toMatchObject({ name: 'FileDamaged' });
  });

  test('a decompression bomb is refused before it has unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, 'a'));
    await expect(refined(bomb)).rejects.toMatchObject({ name: 'DecompressionBomb' });
  });

  test('as wide as 100,000 columns is refused by their number', async () => {
    const header = Array.from({ length: 100_000 }, (_, i) => `c${i}`).join(',');
    await expect(refined(`${header}\n1\n`)).rejects.toMatchObject({
      name: 'HeaderMismatch',
      message: expect.stringContaining('100000 columns'),
    });
  });

  test('delimited by something else is refused with a hint', async () => {
    await expect(refined('id;day;size;kind;good;seen\n1;2019-01-01;;;;\n')).rejects.toMatchObject({
      message: expect.stringContaining('format.delimiter'),
    });
  });

  test('Arrow without its end is refused as such', async () => {
    const bytes = tableToIPC(tableFromArrays({ id: Int32Array.from({ length: 5000 }, (_, i) => i) }), 'stream');
    const spec = aSpec({ columns: { id: { type: 'integer', role: 'key' } }, split: { by: 'id', testPercent: 50 } });
    await expect(
      refined(bytes.subarray(0, 4000), spec, aRefinery(), undefined, { name: 'f.arrow' }),
    ).rejects.toMatchObject({ name: 'ArrowUnreadable' });
  });
});
