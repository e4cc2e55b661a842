import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRawKey, rawKey } from '../../lambdas/data/raw-key.ts';
import { newId } from '../../lambdas/shared/ids.ts';

const AT = new Date('2026-01-05T23:59:59.999Z');

describe('a raw key', () => {
  test('says everything that it was made from', () => {
    const uploadId = newId();
    const place = { workspace: 'default', dataset: 'weather', uploadId, fileName: 'seattle-2012.csv' };
    const key = rawKey(place, AT);
    expect(key).toBe(`default/weather/2026-01-05/${uploadId}/seattle-2012.csv`);
    expect(parseRawKey(key)).toEqual({ ...place, key });
  });

  test.each([
    '../a.csv',
    '..',
    '.',
    'a/b.csv',
    'a\\b.csv',
    '/etc/passwd',
    'a..csv',
    '%2e%2e%2fa',
    'a b',
    '',
    'ä',
    'x'.repeat(129),
    'a\0b',
  ])('is never made with the file name %j', (fileName) => {
    const make = () => rawKey({ workspace: 'default', dataset: 'weather', uploadId: newId(), fileName }, AT);
    expect(make).toThrow(
      expect.objectContaining({ name: 'FileNameInvalid', message: expect.stringMatching(/^fileName: got/) }),
    );
  });

  test('that was not made here gets an id of its own, the same each time', () => {
    const { workspace, dataset, uploadId, fileName } = parseRawKey('blue/weather/2012/some file.csv');
    expect({ workspace, dataset, fileName }).toEqual({
      workspace: 'blue',
      dataset: 'weather',
      fileName: 'some file.csv',
    });
    expect(uploadId).toMatch(/^[0-9a-f]{32}$/);
    expect(parseRawKey('blue/weather/2012/some file.csv').uploadId).toBe(uploadId);
    expect(parseRawKey('blue/weather/2013/some file.csv').uploadId).not.toBe(uploadId);
  });

  test.each([
    'weather.csv',
    'default/weather.csv',
    'default/weather/',
    'Default/weather/a.csv',
    'default/We ather/a.csv',
    '/weather/a.csv',
    '',
  ])('%j names no dataset', (key) => {
    expect(() => parseRawKey(key)).toThrow(expect.objectContaining({ name: 'RawKeyInvalid' }));
  });

  test('of any text names either a dataset or an error, and an id that fits the catalogue', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 1024, unit: 'grapheme' }), (tail) => {
        const { workspace, dataset, uploadId } = parseRawKey(`default/weather/${tail}x`);
        expect([workspace, dataset]).toEqual(['default', 'weather']);
        expect(uploadId).toMatch(/^[0-9a-z]{26,32}$/);
      }),
    );
  });
});
