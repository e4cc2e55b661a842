import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { measureStandardisation } from '../../lambdas/training/standardisation.ts';
import { aTable, normals } from '../builders/feature-table.ts';

const twoPasses = (values: Float64Array) => {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  return { mean, scale: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
};

describe('standardisation', () => {
  test('equals two passes over the data, across blocks and with the mean far from zero', () => {
    const values = normals(3, 5000, 1e6, 2);
    const { mean, scale } = measureStandardisation(aTable({ pressure: values }));
    expect(mean[0]).toBeCloseTo(twoPasses(values).mean, 8);
    expect(scale[0]! / twoPasses(values).scale).toBeCloseTo(1, 12);
  });

  test('keeps its digits when the first row is an outlier', () => {
    const values = normals(4, 3000, 5, 0.001);
    values[0] = 1e30;
    const { scale } = measureStandardisation(aTable({ x: values }));
    expect(scale[0]! / twoPasses(Float64Array.from(values, Math.fround)).scale).toBeCloseTo(1, 12);
  });

  test('gives every column a finite mean and a scale above zero', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(float, { minLength: 1, maxLength: 60 }), (values) => {
        const { mean, scale } = measureStandardisation(aTable({ x: values }));
        expect(Number.isFinite(mean[0])).toBe(true);
        expect(scale[0]! > 0 && Number.isFinite(scale[0])).toBe(true);
        if (new Set(values.map((value) => value + 0)).size === 1) expect(scale[0]).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  test('a constant such as 0.1 has scale 1 and is centred to exactly 0', () => {
    const { mean, scale } = measureStandardisation(aTable({ x: new Float64Array(10_000).fill(0.1) }));
    expect([mean[0], scale[0]]).toEqual([Math.fround(0.1), 1]);
  });

  test.each([
    [Number.NaN, 'got NaN'],
    [Infinity, 'got Infinity'],
    [1e39, 'got 1e+39'],
  ])('refuses %p, naming feature and row', (bad, got) => {
    const values = normals(5, 4000);
    values[3210] = bad;
    expect(() => measureStandardisation({ names: ['a', 'wind'], columns: [normals(1, 4000), values] })).toThrow(
      expect.objectContaining({
        name: 'TrainingFeatureNotFinite',
        message: expect.stringContaining(`feature wind, row 3210: ${got}`),
      }),
    );
  });
});
