import '../seed.ts';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PagedQuery, pageTokenOf, positionOf } from '../../lambdas/tracking/page-token.ts';
import { resultLimit } from '../../lambdas/tracking/search-limits.ts';

const query: PagedQuery = {
  workspace: 'default',
  of: 'runs',
  filter: 'metrics.acc > 0.9',
  orderBy: ['metrics.acc DESC'],
  view: 'ACTIVE_ONLY',
  within: ['1', '2'],
};
const position = [0.9, null, 'x', 1000];

test('a token gives its position back to its own query', () => {
  expect(positionOf({ ...query }, pageTokenOf(query, position))).toEqual(position);
  expect(positionOf(query, pageTokenOf(query, 40))).toBe(40);
  expect(positionOf(query, '')).toBeUndefined();
  expect(positionOf(query, undefined)).toBeUndefined();
});

const changes: Partial<PagedQuery>[] = [
  { workspace: 'other' },
  { of: 'experiments' },
  { filter: 'metrics.acc > 0.8' },
  { filter: undefined },
  { orderBy: ['metrics.acc'] },
  { view: 'ALL' },
  { within: ['1'] },
  { more: [{ dataset_name: 'x' }] },
];

test.each(changes)('a token of another search is refused: %j', (change) => {
  const token = pageTokenOf(query, position);
  expect(() => positionOf({ ...query, ...change }, token)).toThrow(
    expect.objectContaining({
      name: 'PageTokenInvalid',
      message: expect.stringContaining('belongs to another search'),
    }),
  );
});

test('a token that lost or changed a character is refused', () => {
  const token = pageTokenOf(query, position);
  const letters = fc.constantFrom(...'ABCxyz019-_');
  fc.assert(
    fc.property(fc.nat(token.length - 1), letters, fc.boolean(), (at, letter, cut) => {
      const damaged = cut ? token.slice(0, at) : `${token.slice(0, at)}${letter}${token.slice(at + 1)}`;
      fc.pre(damaged !== '' && Buffer.from(damaged, 'base64url').compare(Buffer.from(token, 'base64url')) !== 0);
      expect(() => positionOf(query, damaged)).toThrow('Invalid page token');
    }),
  );
});

test.each(['nonsense', 'eyJvZmZzZXQiOiA1fQ==', 'bnVsbA', 'W10'])('what is no token is refused: %s', (token) => {
  expect(() => positionOf(query, token)).toThrow('it is not one that this server gave, unchanged');
});

test('a limit is the usual one, one asked for, or refused', () => {
  expect(resultLimit('runs', undefined)).toBe(1000);
  expect(resultLimit('runs', 50_000n)).toBe(50_000);
  expect(() => resultLimit('runs', 50_001)).toThrow(
    "Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000",
  );
  expect(() => resultLimit('runs', 0)).toThrow(
    "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer",
  );
});
