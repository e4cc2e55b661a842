import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { scanModel } from '../../lambdas/registry/contract.ts';
import { writeLogisticOnnx } from '../../lambdas/training/logistic-onnx.ts';
import { fitLogisticRegression, predictProbability } from '../../lambdas/training/logistic-regression.ts';
import { labelsOf, normals } from '../builders/feature-table.ts';
import { openModel } from './onnx-session.ts';

const aModel = (features: readonly string[]) => ({
  features,
  mean: new Float64Array(features.length).fill(2),
  scale: new Float64Array(features.length).fill(0.5),
  coefficients: Float64Array.from(features, (_, j) => j - 0.25),
  intercept: 0.1,
});

describe('logistic regression as ONNX', () => {
  test('onnxruntime answers as the trainer does, within 1e-6, near zero and far from it', async () => {
    const example = fc.record({
      seed: fc.integer(),
      width: fc.integer({ min: 1, max: 9 }),
      offset: fc.constantFrom(0, 15, -1013, 1e6),
      steepness: fc.constantFrom(0.5, 3, 30),
      l2: fc.constantFrom(1e-6, 1),
    });
    await fc.assert(
      fc.asyncProperty(example, async ({ seed, width, offset, steepness, l2 }) => {
        const columns = Array.from({ length: width }, (_, j) => normals(seed + j, 300, offset, 1 + j));
        const labels = labelsOf(
          seed,
          columns[0]!.map((value) => (value - offset) * steepness),
        );
        labels.set([0, 1]);
        const names = columns.map((_, j) => `feature ${j}`);
        const { model } = fitLogisticRegression({ names, columns }, labels, { l2 });
        const run = await openModel(writeLogisticOnnx(model));
        const outputs = await run(Object.fromEntries(names.map((name, j) => [name, columns[j]!])));
        const expected = predictProbability(model, columns);
        for (const [i, probability] of outputs.probability!.entries()) {
          expect(Math.abs(probability - expected[i]!)).toBeLessThan(1e-6);
          expect(outputs.label![i]).toBe(probability > 0.5 ? 1 : 0);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('has one named input a feature, and says so to the scanner', () => {
    const { inputs, outputs, irVersion, opsets } = scanModel(writeLogisticOnnx(aModel(['temp_max', 'wind'])));
    expect({ irVersion, opsets }).toEqual({ irVersion: 8, opsets: { '': 17 } });
    expect(inputs).toEqual([
      { name: 'temp_max', datatype: 'FP32', shape: [-1, 1] },
      { name: 'wind', datatype: 'FP32', shape: [-1, 1] },
    ]);
    expect(outputs).toEqual([
      { name: 'probability', datatype: 'FP32', shape: [-1, 1] },
      { name: 'label', datatype: 'INT64', shape: [-1, 1] },
    ]);
  });

  test('is the same bytes for the same model', () => {
    expect(writeLogisticOnnx(aModel(['a', 'b']))).toEqual(writeLogisticOnnx(aModel(['a', 'b'])));
  });

  test('tells producer and order of features to whoever opens the file', () => {
    const text = Buffer.from(writeLogisticOnnx(aModel(['b', 'a']))).toString('latin1');
    expect(text).toContain('millrace.features');
    expect(text).toContain('["b","a"]');
  });

  test.each([[['']], [['x', 'x']], [['probability']], [['label']], [['millrace.mean']]])(
    'refuses the feature names %j',
    (features) => {
      expect(() => writeLogisticOnnx(aModel(features))).toThrow(
        expect.objectContaining({
          name: 'ModelFeatureNameInvalid',
          message: expect.stringContaining(features.at(-1)!),
        }),
      );
    },
  );
});
