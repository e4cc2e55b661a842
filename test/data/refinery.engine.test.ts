import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { versionOf } from '../../lambdas/data/manifest.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { aCsv, aSpec, weatherCsv, weatherSpec } from '../builders/dataset.ts';
import { manifestOf, refined } from '../builders/refined.ts';
import { aRefinery } from '../builders/refinery.ts';

describe('the real weather file', () => {
  test('becomes one typed file for each split, in the order of place and day', async () => {
    const at = aRefinery();
    const { rows, files, counts, raw } = await refined(weatherCsv(), weatherSpec(), at);
    expect(rows).toEqual({ given: 2922, broken: 0, repeated: 0, fresh: 2922, replaced: 0 });
    expect(counts).toEqual([]);
    expect(raw.bytes).toBe(weatherCsv().length);
    expect(files.map(({ split, rows: n }) => [split, n])).toEqual([
      ['train', 2192],
      ['test', 730],
    ]);
    const train = (await at.curated.get(`default/weather/${files[0]?.path}`)) as Uint8Array;
    expect(digestOf(train)).toBe(files[0]?.sha256);
    expect(train.length).toBe(files[0]?.bytes);
    const buffer = train.buffer.slice(train.byteOffset, train.byteOffset + train.length) as ArrayBuffer;
    expect(
      parquetMetadata(buffer)
        .schema.slice(1)
        .map(({ name, type }) => [name, type]),
    ).toEqual([
      ['date', 'INT32'],
      ['location', 'BYTE_ARRAY'],
      ['precipitation', 'DOUBLE'],
      ['temp_max', 'DOUBLE'],
      ['temp_min', 'DOUBLE'],
      ['weather', 'BYTE_ARRAY'],
      ['wind', 'DOUBLE'],
    ]);
    const read = await parquetReadObjects({ file: buffer });
    expect(read[0]).toEqual({
      date: new Date('2012-01-01'),
      location: 'New York',
      precipitation: 1.8,
      temp_max: 10,
      temp_min: 3.3,
      weather: 'rain',
      wind: 5.1,
    });
    const order = read.map(({ date, location }) => `${(date as Date).toISOString()} ${location}`);
    expect(order).toEqual([...order].sort());
  });

  test('is the same bytes whatever order its rows and columns are in, and how its lines end', async () => {
    const [header = '', ...rows] = weatherCsv().trimEnd().split('\n');
    const swap = (line: string) => line.split(',').reverse().join(',');
    const other = `\uFEFF${[swap(header), ...rows.map(swap).reverse()].join('\r\n')}\r\n`;
    const [one, two] = [await refined(weatherCsv(), weatherSpec()), await refined(other, weatherSpec())];
    expect(two.files).toEqual(one.files);
    expect(two.columns).toEqual(one.columns);
    expect(versionOf(two.files)).toBe(versionOf(one.files));
  });

  test('is profiled column by column', async () => {
    const { columns } = await refined(weatherCsv({ location: 'Seattle' }), weatherSpec());
    // Python's statistics.fmean and stdev, and its own quantiles, on the same rows.
    expect(columns['temp_max']).toMatchObject({ type: 'double', count: 1461, nulls: 0, min: -1.6, max: 35.6 });
    expect(columns['temp_max']?.mean).toBeCloseTo(16.439082819986314, 12);
    expect(columns['temp_max']?.sd).toBeCloseTo(7.349758097360178, 12);
    expect(columns['temp_max']?.quantiles).toMatchObject({ p25: 10.6, p50: 15.6, p75: 22.2 });
    expect(columns['date']).toMatchObject({
      type: 'date',
      count: 1461,
      nulls: 0,
      min: '2012-01-01',
      max: '2015-12-31',
    });
    expect(columns['weather']).toMatchObject({ count: 1461, distinct: 5 });
    expect(columns['weather']?.top?.[0]?.count).toBeGreaterThan(columns['weather']?.top?.[1]?.count ?? 0);
  });

  test('grows by what is new in the next file, and its profile is of everything', async () => {
    const at = aRefinery();
    const spec = weatherSpec();
    const seattle = await refined(weatherCsv({ location: 'Seattle' }), spec, at);
    const both = await refined(weatherCsv(), spec, at, manifestOf(spec, seattle));
    expect(both.rows).toEqual({ given: 2922, broken: 0, repeated: 1461, fresh: 1461, replaced: 0 });
    const newYork = await refined(weatherCsv({ location: 'New York' }), spec, aRefinery());
    expect(both.files).toEqual(newYork.files);
    expect(both.columns['wind']?.count).toBe(2922);
    expect(both.columns).toEqual((await refined(weatherCsv(), spec)).columns);
  });

  test('a second time has nothing new', async () => {
    const at = aRefinery();
    const once = await refined(weatherCsv(), weatherSpec(), at);
    const again = await refined(weatherCsv(), weatherSpec(), at, manifestOf(weatherSpec(), once));
    expect(again).toMatchObject({ files: [], rows: { fresh: 0, repeated: 2922, broken: 0 }, columns: {} });
  });
});

test('a file of the dataset with other bytes than its manifest says stops everything', async () => {
  const at = aRefinery();
  const before = await refined(aCsv('1,2019-01-01,5,a,,'), aSpec(), at);
  const key = `default/things/${before.files[0]?.path}`;
  await at.curated.put(key, 'other');
  const next = refined(aCsv('2,2019-01-01,5,a,,'), aSpec(), at, manifestOf(aSpec(), before));
  await expect(next).rejects.toMatchObject({ name: 'CuratedFileDamaged', message: expect.stringContaining(key) });
});

test('leaves no folder behind', async () => {
  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`millrace-ingest-${process.pid}-`));
  const before = folders();
  await refined(aCsv('1,2019-01-01,5,a,,'));
  await refined('').catch(() => undefined);
  expect(folders()).toEqual(before);
});
