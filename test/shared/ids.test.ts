import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { derivedId, newId } from '../../lambdas/shared/ids.ts';

describe('a new id', () => {
  test('is 26 characters of Crockford base 32', () => {
    expect(newId()).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
  });

  test('never comes twice', () => {
    const ids = Array.from({ length: 10_000 }, newId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('sorts by time', async () => {
    const first = newId();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(first < newId()).toBe(true);
  });
});

describe('a derived id', () => {
  test('is the same for the same parts', () => {
    expect(derivedId('rain', '3')).toBe(derivedId('rain', '3'));
    expect(derivedId('rain', '3')).toMatch(/^[0-9a-f]{32}$/);
  });

  test('differs when the parts differ, also when only their borders do', () => {
    expect(derivedId('ab', 'c')).not.toBe(derivedId('a', 'bc'));
    const parts = () => fc.array(fc.string(), { maxLength: 4 });
    fc.assert(
      fc.property(parts(), parts(), (a, b) => {
        expect(derivedId(...a) === derivedId(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});
