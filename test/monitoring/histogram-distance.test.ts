import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  chiSquare,
  jensenShannonDistance,
  jensenShannonDivergence,
  kolmogorovSmirnov,
  stabilityIndex,
  totalVariation,
  wasserstein,
} from '../../lambdas/monitoring/histogram-distance.ts';
import { ksOfSamples, wassersteinOfSamples } from '../../lambdas/monitoring/sample-distance.ts';

const p = [12, 30, 45, 60, 33, 14, 6, 0];
const q = [5, 18, 40, 70, 52, 30, 11, 4];
const positions = [-3.5, -2, -1, 0, 0.5, 1.75, 3, 6];

/** Two histograms over the same bins, each with at least one row. */
const histograms = fc
  .integer({ min: 1, max: 12 })
  .chain((bins) => {
    const counts = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: bins, maxLength: bins });
    return fc.tuple(counts, counts);
  })
  .filter((sides) => sides.every((side) => side.some((count) => count > 0)));
const repeated = (counts: readonly number[]) => counts.flatMap((count, bin) => new Array<number>(count).fill(bin));

describe('distances of histograms', () => {
  // scipy 1.17.1: ks_2samp, wasserstein_distance, jensenshannon(base=2), chi2_contingency(correction=False), and
  // rel_entr both ways on counts + 0.5; numpy 2.4.6 for the total variation.
  test('equal scipy', () => {
    expect(kolmogorovSmirnov(p, q)).toBeCloseTo(0.16108695652173913, 14);
    expect(wasserstein(positions, p, q)).toBeCloseTo(0.6226086956521739, 13);
    expect(jensenShannonDistance(p, q)).toBeCloseTo(0.194114339780477, 13);
    expect(jensenShannonDivergence(p, q)).toBeCloseTo(0.194114339780477 ** 2, 13);
    expect(chiSquare(p, q).statistic).toBeCloseTo(20.488233371487848, 12);
    expect(chiSquare(p, q).degreesOfFreedom).toBe(7);
    expect(totalVariation(p, q)).toBeCloseTo(0.16108695652173913, 14);
    expect(stabilityIndex(p, q)).toBeCloseTo(0.19058452531687625, 13);
  });

  test('are those of the samples that the bins stand for', () => {
    fc.assert(
      fc.property(histograms, ([a, b]) => {
        const bins = a.map((_, bin) => bin);
        expect(kolmogorovSmirnov(a, b)).toBeCloseTo(ksOfSamples(repeated(a), repeated(b)), 12);
        expect(wasserstein(bins, a, b)).toBeCloseTo(wassersteinOfSamples(repeated(a), repeated(b)), 12);
      }),
    );
  });

  test('are zero for the same shares, symmetric, and within their range', () => {
    fc.assert(
      fc.property(histograms, fc.integer({ min: 2, max: 9 }), ([a, b], factor) => {
        const bins = a.map((_, bin) => bin);
        const w1 = (x: number[], y: number[]) => wasserstein(bins, x, y);
        const scaled = a.map((count) => count * factor);
        for (const distance of [kolmogorovSmirnov, jensenShannonDivergence, totalVariation, w1]) {
          expect(distance(a, scaled)).toBeCloseTo(0, 12);
          expect(distance(a, b)).toBeCloseTo(distance(b, a), 12);
          expect(distance(a, b)).toBeGreaterThanOrEqual(0);
        }
        for (const distance of [kolmogorovSmirnov, jensenShannonDivergence, totalVariation]) {
          expect(distance(a, b)).toBeLessThanOrEqual(1);
        }
        expect(stabilityIndex(a, b)).toBeCloseTo(stabilityIndex(b, a), 12);
        expect(stabilityIndex(a, b)).toBeGreaterThanOrEqual(0);
        expect(kolmogorovSmirnov(a, b)).toBeLessThanOrEqual(totalVariation(a, b) + 1e-12);
        expect(Number.isFinite(chiSquare(a, b).statistic)).toBe(true);
      }),
    );
  });

  test('are largest where the sides share no bin, and still finite', () => {
    const [a, b] = [
      [10, 0],
      [0, 10],
    ];
    expect([kolmogorovSmirnov(a, b), totalVariation(a, b), jensenShannonDivergence(a, b)]).toEqual([1, 1, 1]);
    expect(stabilityIndex(a, b)).toBeCloseTo(2 * (10 / 11) * Math.log(21), 12);
  });

  test.each([
    ['second histogram, bin 1: got NaN', [1, 2], [1, Number.NaN]],
    ['first histogram, bin 0: got -1', [-1, 2], [1, 1]],
    ['second histogram: got 0 rows', [1, 2], [0, 0]],
    ['bins: got 1 and 2', [1], [1, 1]],
    ['bins: got 0 and 0', [], []],
  ])('refuse %s', (text, a, b) => {
    const refusal = expect.objectContaining({ name: 'DriftInputInvalid', message: expect.stringContaining(text) });
    for (const distance of [kolmogorovSmirnov, jensenShannonDivergence, totalVariation, stabilityIndex, chiSquare]) {
      expect(() => distance(a, b)).toThrow(refusal);
    }
    expect(() => wasserstein([0, 1].slice(0, a.length), a, b)).toThrow(refusal);
  });

  test('refuse positions that do not rise', () => {
    const refusal = expect.objectContaining({ name: 'DriftInputInvalid' });
    for (const wrong of [[1, 0], [0, Number.NaN], [0, Infinity], [0]]) {
      expect(() => wasserstein(wrong, [1, 1], [1, 2])).toThrow(refusal);
    }
  });
});

describe('distances of samples', () => {
  const a = Array.from({ length: 200 }, (_, i) => Math.round((Math.sin(i * 1.7) * 3 + Math.cos(i * 0.3)) * 100) / 100);
  const b = Array.from(
    { length: 150 },
    (_, i) => Math.round((Math.sin(i * 1.1) * 2.5 + 0.4 * Math.cos(i * 0.9) + 0.6) * 100) / 100,
  );

  // scipy 1.17.1: ks_2samp, wasserstein_distance.
  test('equal scipy', () => {
    expect(ksOfSamples(a, b)).toBeCloseTo(0.20666666666666667, 14);
    expect(wassersteinOfSamples(a, b)).toBeCloseTo(0.6733333333333331, 13);
  });

  test('see a shift as what it is', () => {
    expect(
      wassersteinOfSamples(
        a,
        a.map((value) => value + 2),
      ),
    ).toBeCloseTo(2, 12);
    expect(ksOfSamples([1, 2], [3, 4])).toBe(1);
  });

  test('refuse NaN and nothing', () => {
    expect(() => ksOfSamples([1, Number.NaN], [1])).toThrow(expect.objectContaining({ name: 'DriftInputInvalid' }));
    expect(() => wassersteinOfSamples([1], [])).toThrow(expect.objectContaining({ name: 'DriftInputInvalid' }));
  });
});
