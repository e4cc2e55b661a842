import type { ContentFile } from '../../lambdas/registry/bundle-files.ts';
import type { BundleManifest } from '../../lambdas/registry/bundle-manifest.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';

export interface Bundle {
  manifest: BundleManifest;
  files: Record<ContentFile, Uint8Array>;
}

/** A bundle whose three files hold what is given; the manifest names them by their digests. */
export function aBundle({ model = 'model bytes', manifest = {} as Partial<BundleManifest> } = {}): Bundle {
  const files = {
    'model.onnx': Buffer.from(model),
    'golden.json': Buffer.from('{"rows":[[1,2]],"outputs":[0.5]}'),
    'baseline.json': Buffer.from('{"features":{"wind":{"edges":[0,5]}}}'),
  };
  return {
    files,
    manifest: {
      schema: 'millrace/bundle/1',
      model: {
        onnx: digestOf(files['model.onnx']),
        opset: 17,
        inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
        outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
      },
      data: { dataset: 'weather', version: digestOf('weather'), split: { by: 'date', testFrom: '2015-01-01' } },
      code: { commit: 'a1b2c3', dirty: false, spec: digestOf('spec'), trainer: digestOf('trainer') },
      trainedWith: { trainer: 'logistic-regression', node: '24', image: null },
      golden: digestOf(files['golden.json']),
      baseline: digestOf(files['baseline.json']),
      parity: { maxAbsoluteDifference: 1e-7 },
      metrics: { brier: 0.19 },
      parents: [],
      ...manifest,
    },
  };
}
