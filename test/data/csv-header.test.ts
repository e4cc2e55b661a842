import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HEADER_BYTES, readHeader } from '../../lambdas/data/csv-header.ts';

const header = (text: string) => readHeader(Buffer.from(text));

test.each([
  ['a,b\n1,2\n', ['a', 'b']],
  ['a,b\r\n1,2\r\n', ['a', 'b']],
  ['a,b', ['a', 'b']],
  ['\uFEFFa,b\n', ['a', 'b']],
  ['"a","b ""c"", d"\n', ['a', 'b "c", d']],
  ['a, b \n', ['a', 'b']],
  ['a,\n', ['a', '']],
  ['\n1,2\n', ['']],
  ['größe,°C\n', ['größe', '°C']],
])('%j has the columns %j', (text, columns) => {
  expect(header(text).names).toEqual(columns);
});

test.each([['a,"b\n1,2\n'], ['a,b"c\n'], ['"a"b,c\n']])('%j is refused for its quote', (text) => {
  expect(() => header(text)).toThrow(expect.objectContaining({ name: 'CsvUnparsable' }));
});

test('a first line without an end is refused, and not read to its end', () => {
  const start = Buffer.alloc(HEADER_BYTES, 'a');
  expect(() => readHeader(start)).toThrow(expect.objectContaining({ name: 'CsvUnparsable' }));
});

test('quoted names come back as they were', () => {
  const name = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n\0]/g, '').trim());
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 8 }), (names) => {
      fc.pre(!names[0]?.startsWith('\uFEFF') && names.every((each) => each.isWellFormed()));
      const line = names.map((each) => `"${each.replaceAll('"', '""')}"`).join(',');
      expect(header(`${line}\n`).names).toEqual(names);
    }),
  );
});
