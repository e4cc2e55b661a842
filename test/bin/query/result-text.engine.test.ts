import { describe, expect, test } from '@jest/globals';
import { plainValue } from '../../../bin/query/plain-value.ts';
import { resultCsv, resultTable } from '../../../bin/query/result-text.ts';

const result = (columns: Record<string, string>, rows: unknown[][], truncated = false) => ({
  columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
  rows,
  truncated,
});
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape of a colour
const plain = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '');

describe('a result as a table', () => {
  test('has numbers to the right and texts to the left', () => {
    const text = resultTable(
      result({ origin: 'VARCHAR', n: 'BIGINT' }, [
        ['ATL', 5],
        ['LAS', 100],
        [null, null],
      ]),
      80,
    );
    expect(plain(text).split('\n')).toEqual(['origin    n', 'ATL       5', 'LAS     100', '', '(3 rows)']);
  });

  test('is no wider than the terminal, and names what it leaves out', () => {
    const wide = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`column${i}`, 'VARCHAR']));
    const text = plain(resultTable(result(wide, [Array.from({ length: 20 }, () => 'x'.repeat(500))]), 100));
    const [header = '', row = '', note] = text.split('\n');
    expect([header.length <= 100, row.length <= 100]).toEqual([true, true]);
    expect(row.startsWith(`${'x'.repeat(39)}…`)).toBe(true);
    expect(note).toMatch(/^\(1 row; left out for width: column2, column3/);
  });

  test('is no longer than a screen, and says where the rest is', () => {
    const rows = Array.from({ length: 100 }, (_, i) => [i]);
    const lines = plain(resultTable(result({ i: 'BIGINT' }, rows, true), 80)).split('\n');
    expect(lines).toHaveLength(42);
    expect(lines.at(-1)).toBe(
      '(more than 100 rows; the first 40 are shown, --csv and --json have all; --limit takes more)',
    );
  });

  test('shows what would steer the terminal, and does not obey it', () => {
    const nasty = '\u001b[2J\u0007a\nb\u202ec';
    const text = resultTable(result({ [nasty]: 'VARCHAR' }, [[nasty]]), 80);
    for (const steering of ['\u0007', '\u202e', '\u001b[2J', 'a\nb']) expect(text).not.toContain(steering);
  });
});

test('a result as CSV tells NULL from an empty text, and quotes what must be', () => {
  const rows = [
    ['a,b', null, ''],
    ['say "x"', 1.5, 'two\nlines'],
    [{ a: 1 }, true, [1]],
  ];
  expect(resultCsv(result({ x: 'VARCHAR', y: 'DOUBLE', 'z,': 'VARCHAR' }, rows))).toBe(
    ['x,y,"z,"', '"a,b",,""', '"say ""x""",1.5,"two\nlines"', '"{""a"":1}",true,[1]'].join('\n'),
  );
});

test.each([
  ['3000000', 'BIGINT', 3_000_000],
  ['-12', 'HUGEINT', -12],
  ['9007199254740993', 'BIGINT', '9007199254740993'],
  ['1.50', 'DECIMAL(3,2)', 1.5],
  ['0.123456789012345678', 'DECIMAL(18,18)', '0.123456789012345678'],
  ['12', 'VARCHAR', '12'],
  ['NaN', 'DOUBLE', 'NaN'],
  [null, 'BIGINT', null],
])('the value %j of %s is %j', (value, type, wanted) => {
  expect(plainValue(value, type)).toEqual(wanted);
});
