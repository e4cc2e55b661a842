import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FeatureTable } from '../../lambdas/training/feature-table.ts';
import { fitLogisticRegression, predictProbability } from '../../lambdas/training/logistic-regression.ts';
import { measureMetric } from '../../lambdas/training/metrics.ts';
import { aTable, labelsOf, normals } from '../builders/feature-table.ts';

/** Derivative of the objective at the fit, one a coefficient and the intercept last: zero at the minimum. */
function gradient(table: FeatureTable, labels: ArrayLike<number>, l2: number) {
  const { model } = fitLogisticRegression(table, labels, { l2 });
  const residuals = predictProbability(model, table.columns).map((p, i) => p - labels[i]!);
  const slopes = table.columns.map((column, j) => {
    const [mean, scale] = [model.mean[j]!, model.scale[j]!];
    const slope = residuals.reduce((sum, residual, i) => sum + (residual * (column[i]! - mean)) / scale, 0);
    return slope + l2 * model.coefficients[j]!;
  });
  return { slopes: [...slopes, residuals.reduce((sum, residual) => sum + residual, 0)], model };
}

const named = (name: string, text = '') => expect.objectContaining({ name, message: expect.stringContaining(text) });

/** The table that the reference values below were computed on, with numpy in float64 from float32 values. */
const ROWS = 60;
const each = (of: (i: number) => number) => Array.from({ length: ROWS }, (_, i) => of(i));
const reference = aTable({
  a: each((i) => Math.sin(i * 0.7) * 2 + 1),
  b: each((i) => Math.cos(i * 1.3) * 50 + 1000),
  c: each((i) => (i * 7) % 11),
});
const referenceLabels = each((i) => (Math.sin(i * 0.7) + 0.8 * Math.cos(i * 2.1) > 0 ? 1 : 0));

describe('logistic regression', () => {
  // scikit-learn 1.9.1: StandardScaler, LogisticRegression(C, solver='newton-cholesky', tol=1e-14).
  test.each([
    [1, [2.299241394866753, 0.0284400607753497, 0.02423458972403217], -0.34723840025606834],
    [10, [1.040082164019316, -0.0007194384591768843, 0.005168616794430527], -0.17600303720182886],
    [0.1, [3.0874798301724, 0.050939016705694486, 0.05045565415903174], -0.4978394116369515],
  ])('equals scikit-learn with l2 = %p', (l2, coefficients, intercept) => {
    const { model } = fitLogisticRegression(reference, referenceLabels, { l2, tolerance: 1e-9 });
    for (const [j, wanted] of coefficients.entries()) expect(model.coefficients[j]).toBeCloseTo(wanted, 9);
    expect(model.intercept).toBeCloseTo(intercept, 9);
  });

  test('tells the objective at the minimum, a row', () => {
    const { model, loss } = fitLogisticRegression(reference, referenceLabels, { l2: 2 });
    const scores = predictProbability(model, reference.columns);
    const penalty = model.coefficients.reduce((sum, value) => sum + value * value, 0) / ROWS;
    expect(loss).toBeCloseTo(measureMetric('logLoss', { labels: referenceLabels, scores })! + penalty, 10);
  });

  test('ends at the minimum, whatever the data', () => {
    const example = fc.record({
      seed: fc.integer(),
      rows: fc.integer({ min: 4, max: 700 }),
      width: fc.integer({ min: 1, max: 7 }),
      offset: fc.constantFrom(0, -40, 1e4),
      steepness: fc.constantFrom(0, 1, 5, 50),
      l2: fc.constantFrom(1e-3, 0.1, 1, 100),
      twist: fc.constantFrom('none', 'constant', 'collinear'),
    });
    fc.assert(
      fc.property(example, ({ seed, rows, width, offset, steepness, l2, twist }) => {
        const columns = Array.from({ length: width }, (_, j) => normals(seed + j, rows, offset, 1 + j));
        if (twist === 'constant') columns.push(new Float64Array(rows).fill(3));
        if (twist === 'collinear') columns.push(columns[0]!.map((value) => 2 * value));
        const labels = labelsOf(
          seed,
          columns[0]!.map((value) => (value - offset) * steepness),
        );
        labels.set([0, 1]);
        const { slopes, model } = gradient({ names: columns.map((_, j) => `f${j}`), columns }, labels, l2);
        for (const slope of slopes) expect(Math.abs(slope)).toBeLessThan(1e-4 * Math.sqrt(rows));
        expect([...model.coefficients, model.intercept].every(Number.isFinite)).toBe(true);
        if (twist === 'constant') expect(model.coefficients[width]).toBe(0);
        if (twist === 'collinear') expect(model.coefficients[width]).toBeCloseTo(model.coefficients[0]!, 6);
      }),
      { numRuns: 80 },
    );
  });

  test('finds the same minimum on many rows, where a sample gives the start', () => {
    const columns = Array.from({ length: 6 }, (_, j) => normals(j + 1, 20_000, j, 1 + j));
    const scores = columns[0]!.map((value, i) => value - 0.3 * columns[1]![i]!);
    const { slopes } = gradient({ names: ['a', 'b', 'c', 'd', 'e', 'f'], columns }, labelsOf(9, scores), 1);
    for (const slope of slopes) expect(Math.abs(slope)).toBeLessThan(1e-2);
  });

  test('starts from nothing where the sample has one class only', () => {
    const x = normals(2, 20_000);
    const labels = Float64Array.from(x, (value, i) => (i % 16 === 0 ? 0 : value > 1 ? 1 : 0));
    const { slopes } = gradient(aTable({ x }), labels, 1);
    for (const slope of slopes) expect(Math.abs(slope)).toBeLessThan(1e-2);
  });

  test('gives equal bytes for equal input', () => {
    const once = () => fitLogisticRegression(reference, referenceLabels).model;
    expect(once()).toEqual(once());
  });

  test('separated classes have a finite fit with a penalty and a named error without', () => {
    const table = aTable({ x: [1, 2, 3, 4, 5, 6, 7, 8] });
    const labels = [0, 0, 0, 0, 1, 1, 1, 1];
    const { model } = fitLogisticRegression(table, labels, { l2: 1e-6 });
    expect(Number.isFinite(model.coefficients[0])).toBe(true);
    expect(predictProbability(model, table.columns)[7]).toBeGreaterThan(0.99);
    expect(() => fitLogisticRegression(table, labels, { l2: 0 })).toThrow(named('TrainingLabelsSeparated', 'got 0'));
  });

  test('without a penalty it never gives NaN: a fit, or a named error', () => {
    const example = fc.record({
      seed: fc.integer(),
      rows: fc.integer({ min: 3, max: 40 }),
      width: fc.integer({ min: 1, max: 12 }),
      levels: fc.constantFrom(1, 2, 3, 1000),
    });
    fc.assert(
      fc.property(example, ({ seed, rows, width, levels }) => {
        const columns = Array.from({ length: width }, (_, j) =>
          normals(seed + j, rows).map((v) => Math.round(v * levels)),
        );
        const labels = labelsOf(seed, columns[0]!);
        labels.set([0, 1]);
        try {
          const { model } = fitLogisticRegression({ names: columns.map(String), columns }, labels, { l2: 0 });
          expect([...model.coefficients, model.intercept].every(Number.isFinite)).toBe(true);
        } catch (error) {
          expect(['TrainingLabelsSeparated', 'TrainingNotConverged']).toContain((error as Error).name);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('says when it has not converged', () => {
    expect(() => fitLogisticRegression(reference, referenceLabels, { maximumIterations: 2 })).toThrow(
      named('TrainingNotConverged', 'after 2 steps'),
    );
  });

  test.each([
    ['TrainingLabelsUnusable', 'row 1: got 2', [0, 2, 1]],
    ['TrainingLabelsUnusable', 'row 2: got NaN', [0, 1, Number.NaN]],
    ['TrainingLabelsUnusable', 'all 3 are 1', [1, 1, 1]],
    ['TrainingLabelsUnusable', 'got 2, expected 3', [0, 1]],
  ])('refuses labels as %s: %s', (name, text, labels) => {
    expect(() => fitLogisticRegression(aTable({ x: [1, 2, 3] }), labels)).toThrow(named(name, text));
  });

  test('refuses a table without columns or rows, and columns of unequal length', () => {
    const malformed = (columns: Record<string, number[]>) => () => fitLogisticRegression(aTable(columns), [0, 1]);
    expect(malformed({})).toThrow(named('TrainingTableMalformed', 'got none'));
    expect(malformed({ x: [] })).toThrow(named('TrainingTableMalformed', 'rows: got 0'));
    expect(malformed({ x: [1, 2], y: [1] })).toThrow(named('TrainingTableMalformed', 'feature y: got 1 rows'));
    expect(() => fitLogisticRegression({ names: [], columns: [Float64Array.of(1)] }, [1])).toThrow(
      named('TrainingTableMalformed', '1 columns for 0 names'),
    );
  });

  test.each([{ l2: -1 }, { l2: Number.NaN }, { l2: Infinity }, { tolerance: 0 }, { maximumIterations: 0 }])(
    'refuses the parameter %p',
    (options) => {
      expect(() => fitLogisticRegression(reference, referenceLabels, options)).toThrow(
        named('TrainingParameterInvalid', Object.keys(options)[0]),
      );
    },
  );
});
