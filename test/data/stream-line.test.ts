import '../seed.ts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { streamLine } from '../../lambdas/data/stream-line.ts';

const lineOf = (data: string | Uint8Array) =>
  streamLine({ sequence: '42', bytes: Buffer.from(data as string) }, 'shard-1');
const encoded = (why: string, data: string | Uint8Array) => ({
  line: `poison shard-1/42 ${why} base64:${Buffer.from(data as string).toString('base64')}`,
  poison: true,
});

describe('a record of a stream', () => {
  test.each([
    ['stays as it was written', '{"id":12345678901234567890,"size":1e400}', '{"id":12345678901234567890,"size":1e400}'],
    ['may end with a line break', '{"id":1}\r\n', '{"id":1}'],
    ['may be written over several lines', '{\n  "id": 1,\n  "kind": "a\\nb"\n}', '{   "id": 1,   "kind": "a\\nb" }'],
    ['may begin with a byte order mark', '\ufeff{"id":1}', '{"id":1}'],
  ])('that is an object %s', (_, data, line) => {
    expect(lineOf(data)).toEqual({ line, poison: false });
  });

  test.each(['{"id":', '[1,2]', '"text"', 'null', '7', 'id,day', "{'id': 1}", '{"id":1} {"id":2}', '\tx'])(
    'that is one line of something else (%s) stays that line',
    (data) => {
      expect(lineOf(data)).toEqual({ line: data, poison: true });
    },
  );

  test.each<[string, string | Uint8Array, string]>([
    ['is no UTF-8', Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2, 0x0a), 'not-utf-8'],
    ['is empty', '', 'blank'],
    ['is blank: a reader would pass over it', ' \n', 'blank'],
    ['is two objects: which of them was meant is not ours to say', '{"id":1}\n{"id":2}', 'control-characters'],
    ['has zero bytes', 'id\u0000', 'control-characters'],
  ])('that %s becomes a line that has all of its bytes and no row', (_, data, why) => {
    expect(lineOf(data)).toEqual(encoded(why, data));
  });

  test('is exactly one line, never loses what it was, and is a row exactly if it is an object', () => {
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text)),
      fc.dictionary(fc.string(), fc.jsonValue()).map((value) => Buffer.from(JSON.stringify(value, undefined, 2))),
    );
    fc.assert(
      fc.property(data, (bytes) => {
        const { line, poison } = lineOf(bytes);
        expect(line).not.toMatch(/[\r\n]/);
        expect(line.trim()).not.toBe('');
        const value = parsed(line);
        const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
        expect(isObject).toBe(!poison);
        if (!poison) return expect(value).toEqual(parsed(Buffer.from(bytes).toString('utf8')));
        const payload = / base64:(\S*)$/.exec(line)?.[1];
        const kept = line.startsWith('poison shard-1/42 ') ? Buffer.from(payload ?? '', 'base64') : Buffer.from(line);
        // A byte order mark says how text is encoded and is no part of it.
        expect(withoutMark(kept)).toEqual(withoutMark(bytes));
      }),
      { numRuns: 200 },
    );
  });
});

const withoutMark = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('base64')
    .replace(/^77u\//, '');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}
