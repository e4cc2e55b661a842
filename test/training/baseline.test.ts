import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Baseline, binIndex, measureBaseline } from '../../lambdas/training/baseline.ts';
import { aTable, normals } from '../builders/feature-table.ts';

const baselineOf = (values: ArrayLike<number>) =>
  measureBaseline(aTable({ x: values }), 'probability', new Float64Array(values.length).fill(0.3)).features[0]!;

describe('drift baseline', () => {
  test('twenty quantiles of a smooth column hold equal shares', () => {
    const { edges, counts, missing } = baselineOf(normals(1, 2000));
    expect(edges).toHaveLength(19);
    expect(counts).toEqual(new Array(20).fill(100));
    expect(missing).toBe(0);
  });

  test('a value that most rows share gets a bin of its own', () => {
    const rain = normals(2, 1000, 5).map((value, i) => (i < 600 ? 0 : value));
    const { edges, counts } = baselineOf(rain);
    expect(edges[0]).toBe(0);
    expect(counts[0]).toBe(600);
    expect(edges.length).toBeLessThan(10);
  });

  test('a constant has an edge on both sides, so that any other value is elsewhere', () => {
    for (const constant of [0, -3.5, 7, 1e30]) {
      const { edges, counts } = baselineOf([constant, constant]);
      expect(counts).toEqual([0, 2, 0]);
      const bins = [constant - Math.abs(constant) * 1e-6 - 1e-40, constant, constant * 1.001 + 1e-40];
      expect(bins.map((value) => binIndex(edges, Math.fround(value)))).toEqual(constant < 0 ? [0, 1, 0] : [0, 1, 2]);
    }
  });

  test('counts every row in the bin that binIndex gives, whatever the values', () => {
    const value = fc.oneof(fc.float({ noDefaultInfinity: true }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), (values) => {
        const { edges, counts, missing, min, max } = baselineOf(values);
        const expected = new Array<number>(edges.length + 2).fill(0);
        for (const one of values) expected[binIndex(edges, one)]!++;
        expect([...counts, missing]).toEqual(expected);
        expect(edges.every((edge, i) => Math.fround(edge) === edge && (i === 0 || edge > edges[i - 1]!))).toBe(true);
        const present = values.filter((one) => !Number.isNaN(one));
        expect([min, max]).toEqual(
          present.length ? [Math.min(...present) + 0, Math.max(...present) + 0].map((v) => v) : [null, null],
        );
      }),
    );
  });

  test('binIndex is the number of edges below the value', () => {
    const edges = fc
      .uniqueArray(fc.float({ noNaN: true }), { maxLength: 30 })
      .map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(edges, fc.float(), (list, value) => {
        const expected = Number.isNaN(value) ? list.length + 1 : list.filter((edge) => edge < value).length;
        expect(binIndex(list, value)).toBe(expected);
        expect(binIndex(Float64Array.from(list), value)).toBe(expected);
      }),
    );
  });

  test('scores have twenty equal steps of [0, 1]', () => {
    const { output } = measureBaseline(aTable({ x: [1, 2, 3] }), 'probability', Float64Array.of(0, 0.51, 1));
    expect(output.name).toBe('probability');
    expect(output.edges).toHaveLength(19);
    expect(output.counts.flatMap((count, bin) => (count > 0 ? [bin] : []))).toEqual([0, 10, 19]);
  });

  test('is what its schema says, through JSON and back', () => {
    const baseline = measureBaseline(aTable({ x: [1, Number.NaN, 3] }), 'probability', Float64Array.of(0.1, 0.2, 0.3));
    expect(Baseline.parse(JSON.parse(JSON.stringify(baseline)))).toEqual(baseline);
    const column = baseline.features[0]!;
    expect(Baseline.safeParse({ ...baseline, features: [{ ...column, counts: [1] }] }).success).toBe(false);
    expect(
      Baseline.safeParse({ ...baseline, features: [{ ...column, edges: [3, 1], counts: [1, 1, 0] }] }).success,
    ).toBe(false);
  });

  test('a column without a value has no range', () => {
    expect(baselineOf([Number.NaN, Number.NaN])).toMatchObject({ edges: [], counts: [0], missing: 2, min: null });
  });
});
