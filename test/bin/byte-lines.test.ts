import '../seed.ts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { byteLines, MAX_LINE_BYTES } from '../../bin/client/byte-lines.ts';

async function* from(chunks: readonly Uint8Array[]) {
  yield* chunks;
}
async function linesOf(chunks: readonly Uint8Array[]): Promise<Buffer[]> {
  const lines: Buffer[] = [];
  for await (const line of byteLines(from(chunks))) lines.push(Buffer.from(line));
  return lines;
}

describe('the lines of a stream of bytes', () => {
  test('are the same wherever its chunks are cut', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r\n', '\u2028', '\u0085', '😀') });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat()), async (whole, cuts) => {
        const bytes = Buffer.from(whole);
        const at = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
        const chunks = [0, ...at].map((start, i) => bytes.subarray(start, at[i] ?? bytes.length));
        const expected = whole.split('\n').map((line) => line.replace(/\r$/, ''));
        if (expected.at(-1) === '') expected.pop();
        expect((await linesOf(chunks)).map(String)).toEqual(expected);
      }),
    );
  });

  test('end where they are too long to keep, and the next one is whole', async () => {
    const long = Buffer.alloc(MAX_LINE_BYTES * 3, 'x');
    const lines = await linesOf([long, long, Buffer.from('\nabc\n')]);
    expect(lines.map(({ length }) => length)).toEqual([MAX_LINE_BYTES + 1, 3]);
  });
});
