import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { boundsAround, roundedUp } from '../../lambdas/data/human-number.ts';

describe('bounds around what was seen', () => {
  test.each([
    [{ min: 3.2, max: 55.9 }, false, { min: 0, max: 65 }],
    [{ min: -6.1, max: 35.6 }, false, { min: -12, max: 40 }],
    [{ min: 0, max: 140.2 }, false, { min: 0, max: 160 }],
    [{ min: 0.0011, max: 0.0029 }, false, { min: 0.0009, max: 0.0031 }],
    [{ min: 7, max: 7 }, true, { min: 6, max: 8 }],
    [{ min: -5, max: 0 }, true, { min: -6, max: 0 }],
  ])('of %j are written as people would', (seen, whole, bounds) => {
    expect(boundsAround(seen, whole)).toEqual(bounds);
  });

  test('hold all that was seen, and never cross a zero that it did not cross', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [min, max] = a < b ? [a, b] : [b, a];
        const bounds = boundsAround({ min, max }, false);
        if (!bounds) return;
        expect(bounds.min <= min && max <= bounds.max).toBe(true);
        if (min >= 0) expect(bounds.min).toBeGreaterThanOrEqual(0);
        if (max <= 0) expect(bounds.max).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('of whole numbers are whole, and numbers that columns may hold', () => {
    const whole = fc.integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(whole, whole, (a, b) => {
        const bounds = boundsAround({ min: Math.min(a, b), max: Math.max(a, b) }, true);
        if (bounds) expect([bounds.min, bounds.max].every(Number.isSafeInteger)).toBe(true);
      }),
    );
  });
});

test('a share is rounded up to two digits', () => {
  expect([0.01234, 3, 99.01, 0.5].map(roundedUp)).toEqual([0.013, 3, 100, 0.5]);
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (value) => {
      expect(roundedUp(value)).toBeGreaterThanOrEqual(value);
      expect(roundedUp(value)).toBeLessThanOrEqual(value * 1.11);
    }),
  );
});
