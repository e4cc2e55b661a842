import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { profileNumbers } from '../../lambdas/data/profile.ts';

const profileOf = (...values: number[]) => profileNumbers(Float64Array.from(values));

describe('the profile of numbers', () => {
  test('has the quantiles of type 7', () => {
    const { quantiles, min, max, mean, sd } = profileOf(4, 1, 3, 2);
    expect({ min, max, mean, sd }).toEqual({ min: 1, max: 4, mean: 2.5, sd: Math.sqrt(5 / 3) });
    expect(quantiles).toMatchObject({ p25: 1.75, p50: 2.5, p75: 3.25 });
  });

  test('of one has no spread, of none nothing', () => {
    expect(profileOf(7)).toMatchObject({ min: 7, max: 7, mean: 7, quantiles: { p01: 7, p99: 7 } });
    expect(profileOf(7)).not.toHaveProperty('sd');
    expect(profileOf()).toEqual({});
  });

  test('does not depend on the order of rows, and is always JSON', () => {
    const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(numbers, (values) => {
        const profile = profileOf(...values);
        expect(profileOf(...values.toReversed())).toEqual(profile);
        expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
      }),
    );
  });

  test('keeps quantiles between the smallest and the largest, in order', () => {
    const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(numbers, (values) => {
        const { min, max, quantiles } = profileOf(...values);
        const row = [min as number, ...Object.values(quantiles ?? {}), max as number];
        for (const [i, value] of row.slice(1).entries())
          expect(value).toBeGreaterThanOrEqual((row[i] as number) - 1e-9);
      }),
    );
  });
});
