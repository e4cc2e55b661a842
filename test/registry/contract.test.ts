import { expect, test } from '@jest/globals';
import { BundleManifest, type ScannedModel, type TensorSpec } from '../../lambdas/registry/contract.ts';
import { aBundle } from '../builders/bundle.ts';

test('what the scanner says of a model file goes into a manifest as it is', () => {
  const scanned: Pick<ScannedModel, 'inputs' | 'outputs'> = {
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1] }],
  };
  const inputs: readonly TensorSpec[] = scanned.inputs;
  const { manifest } = aBundle();
  const model = { ...manifest.model, inputs, outputs: scanned.outputs };
  expect(BundleManifest.parse({ ...manifest, model }).model).toEqual(model);
});
