import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { unifiedDiff } from '../../bin/unified-diff.ts';

/** What `patch` does: replays the hunks on the text, and trusts no context that is not there. */
function patched(before: string, diff: string): string {
  const lines = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const out: string[] = [];
  let at = 0;
  for (const part of diff.split(/^(?=@@ )/m).slice(1)) {
    const [head = '', ...body] = part.match(/[^\n]*\n/g) ?? [];
    const [, start, length] = /^@@ -(\d+),(\d+) \+\d+,\d+ @@\n$/.exec(head) ?? [];
    const from = Number(start) - (length === '0' ? 0 : 1);
    out.push(...lines.slice(at, from));
    at = from;
    body.forEach((line, i) => {
      if (line.startsWith('\\')) return;
      const text = body[i + 1]?.startsWith('\\') ? line.slice(1, -1) : line.slice(1);
      if (line[0] !== '+') expect(lines[at++]).toBe(text);
      if (line[0] !== '-') out.push(text);
    });
  }
  return [...out, ...lines.slice(at)].join('');
}

describe('a unified diff', () => {
  test('shows three lines around each change', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\n';
    expect(unifiedDiff(before, before.replace('e', 'E'), 'x')).toBe(
      '--- a/x\n+++ b/x\n@@ -2,6 +2,6 @@\n b\n c\n d\n-e\n+E\n f\n g\n',
    );
    expect(unifiedDiff(before, before, 'x')).toBe('');
  });

  test('makes of the one text the other, whatever they are', () => {
    const text = fc
      .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'd'), { maxLength: 40 })
      .map((lines) => lines.join(''));
    fc.assert(fc.property(text, text, (a, b) => expect(patched(a, unifiedDiff(a, b, 'x'))).toBe(b)));
  });
});
