import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { binPositions, columnDrift, groupBins } from '../../lambdas/monitoring/drift.ts';
import { ksOfSamples } from '../../lambdas/monitoring/sample-distance.ts';
import { type BaselineColumn, binIndex, measureBaseline } from '../../lambdas/training/baseline.ts';
import { aTable, normals } from '../builders/feature-table.ts';
import { weatherDays } from '../builders/weather.ts';

const baselineOf = (values: ArrayLike<number>): BaselineColumn =>
  measureBaseline(aTable({ x: values }), 'probability', new Float64Array(values.length)).features[0]!;

/** What an endpoint counts: rows by bin, missing last. */
function countRows({ edges }: BaselineColumn, values: ArrayLike<number>): number[] {
  const counts = new Array<number>(edges.length + 2).fill(0);
  for (const value of Array.from(values, Math.fround)) counts[binIndex(edges, value)]!++;
  return counts;
}

describe('drift of the weather', () => {
  const seattle = weatherDays('Seattle', 2012, 2014).table;
  const { features } = measureBaseline(seattle, 'probability', new Float64Array(seattle.columns[0]!.length));
  const driftOf = (city: 'Seattle' | 'New York') => {
    const { columns } = weatherDays(city, 2015, 2015).table;
    return features.map((feature, j) => columnDrift(feature, countRows(feature, columns[j]!)));
  };

  test("Seattle's next year is calm", () => {
    for (const { psi } of driftOf('Seattle')) expect(psi).toBeLessThan(0.09);
  });

  test('New York is somewhere else, by its wind most of all', () => {
    const drift = driftOf('New York');
    for (const { psi } of drift) expect(psi).toBeGreaterThan(0.1);
    expect(drift[3]!.psi).toBeCloseTo(0.961, 3);
    expect(drift[3]!.ks).toBeCloseTo(0.41, 2);
    const newYork = weatherDays('New York', 2015, 2015).table;
    expect(drift[3]!.ks).toBeLessThanOrEqual(ksOfSamples(seattle.columns[3]!, newYork.columns[3]!));
  });
});

describe('drift of a column', () => {
  test('is nothing for the very same rows', () => {
    const values = normals(1, 500);
    const baseline = baselineOf(values);
    expect(columnDrift(baseline, countRows(baseline, values))).toEqual({
      psi: 0,
      ks: 0,
      w1: 0,
      js: 0,
      totalVariation: 0,
    });
  });

  test('a shift by half a deviation is seen, and about as large as it is', () => {
    const baseline = baselineOf(normals(1, 2000));
    const { psi, w1 } = columnDrift(baseline, countRows(baseline, normals(2, 2000, 0.5)));
    expect(psi).toBeGreaterThan(0.2);
    // The open bins stand for the way to the outermost row, which is farther than their own rows are.
    expect(Math.abs(w1 - 0.5)).toBeLessThan(0.1);
  });

  test('rows by chance of the same kind stay calm from 200 rows on', () => {
    const baseline = baselineOf(normals(1, 2000));
    for (let seed = 10; seed < 60; seed++) {
      expect(columnDrift(baseline, countRows(baseline, normals(seed, 200))).psi).toBeLessThan(0.2);
    }
  });

  test('missing values where there were none are drift, however alike the others are', () => {
    const values = normals(1, 1000);
    const baseline = baselineOf(values);
    const holes = values.map((value, i) => (i % 4 === 0 ? Number.NaN : value));
    const { psi, ks } = columnDrift(baseline, countRows(baseline, holes));
    expect(psi).toBeGreaterThan(1);
    expect(ks).toBeLessThan(0.05);
  });

  test('a window of nothing but missing values is as far as can be', () => {
    const baseline = baselineOf([1, 2, 3]);
    const { psi, ...rest } = columnDrift(baseline, countRows(baseline, [Number.NaN, Number.NaN]));
    expect(psi).toBeGreaterThan(1);
    expect(rest).toEqual({ ks: 1, w1: 2, js: 1, totalVariation: 1 });
  });

  test('a constant that changes is drift', () => {
    const baseline = baselineOf(new Float64Array(300).fill(7));
    expect(columnDrift(baseline, countRows(baseline, new Float64Array(300).fill(8))).psi).toBeGreaterThan(5);
    expect(columnDrift(baseline, countRows(baseline, new Float64Array(300).fill(7))).psi).toBe(0);
  });

  test('a rare event that becomes the rule is drift', () => {
    const baseline = baselineOf(Array.from({ length: 300 }, (_, i) => (i % 50 === 0 ? 1 : 0)));
    expect(columnDrift(baseline, countRows(baseline, new Float64Array(300).fill(1))).psi).toBeGreaterThan(5);
    expect(columnDrift(baseline, countRows(baseline, [...new Float64Array(294), 1, 1, 1, 1, 1, 1])).psi).toBeCloseTo(
      0,
      10,
    );
  });

  test('takes counts that end before the last bin, as windows leave out what is zero', () => {
    const baseline = baselineOf(normals(1, 500));
    expect(columnDrift(baseline, [10, 10])).toEqual(
      columnDrift(baseline, countRows(baseline, []).with(0, 10).with(1, 10)),
    );
  });

  test.each([
    ['no row', []],
    ['NaN', [Number.NaN]],
    ['more bins than there are', new Array<number>(100).fill(1)],
  ])('refuses %s', (_, counts) => {
    expect(() => columnDrift(baselineOf(normals(1, 500)), counts)).toThrow(
      expect.objectContaining({ name: 'DriftInputInvalid' }),
    );
  });

  test('is a number for every baseline and window', () => {
    const values = fc.array(fc.oneof(fc.float({ noDefaultInfinity: true }), fc.integer({ min: 0, max: 2 })), {
      minLength: 1,
      maxLength: 80,
    });
    fc.assert(
      fc.property(values, values, (before, after) => {
        const baseline = baselineOf(before);
        const drift = columnDrift(baseline, countRows(baseline, after));
        for (const value of Object.values(drift)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(Infinity);
        }
      }),
    );
  });
});

describe('merging bins', () => {
  test('joins neighbours until each group holds the share, and the rest joins the last', () => {
    expect(groupBins([5, 5, 10, 40, 1, 1, 30, 8], 0.1)).toEqual([0, 0, 1, 2, 3, 3, 3, 3]);
    expect(groupBins([50, 41, 9], 0.1)).toEqual([0, 1, 1]);
  });

  test('every group holds the share, in order, for every histogram', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(counts, (list) => {
        const groups = groupBins(list, 0.1);
        const sums = new Array<number>(groups.at(-1)! + 1).fill(0);
        for (const [bin, group] of groups.entries()) sums[group]! += list[bin]!;
        const least = 0.1 * list.reduce((sum, count) => sum + count, 0);
        for (const held of sums) expect(held).toBeGreaterThanOrEqual(least);
        expect(groups).toEqual(groups.toSorted((a, b) => a - b));
      }),
    );
  });

  test('bins stand for their middles, open ones for the way to the outermost value', () => {
    expect(binPositions({ name: 'x', edges: [1, 3], counts: [1, 1, 1], missing: 0, min: -1, max: 9 })).toEqual([
      0, 2, 6,
    ]);
  });
});
