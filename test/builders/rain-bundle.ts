import './one-realm.ts';

import { bundleKey } from '../../lambdas/registry/bundle-files.ts';
import { sealBundle } from '../../lambdas/registry/seal-bundle.ts';
import type { Model } from '../../lambdas/serving/tensor.ts';
import type { Digest } from '../../lambdas/shared/digest.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { measureBaseline } from '../../lambdas/training/baseline.ts';
import { goldenOf } from '../../lambdas/training/golden.ts';
import { writeLogisticOnnx } from '../../lambdas/training/logistic-onnx.ts';
import type { LogisticModel } from '../../lambdas/training/logistic-regression.ts';
import { keySigner } from '../fakes/key-signer.ts';
import { type MemoryObjects, memoryObjects } from '../fakes/memory-objects.ts';
import { aBundle, type Bundle } from './bundle.ts';

/** Loads a model in the real onnxruntime. Imported late: what jest imports early keeps the test file's own realm. */
export const loadOnnx = async (onnx: Uint8Array): Promise<Model> =>
  (await import('../../lambdas/serving/aws/onnx-model.ts')).onnxModel(onnx);

/** A small logistic regression: rain is likelier with wind and without warmth. */
export const RAIN_MODEL: LogisticModel = {
  features: ['temp_max', 'wind'],
  mean: Float64Array.of(16, 3),
  scale: Float64Array.of(7, 1.5),
  coefficients: Float64Array.of(-0.9, 0.4),
  intercept: 0.1,
};

/** Twenty days with all kinds of weather. */
const DAYS = {
  names: ['temp_max', 'wind'],
  columns: [
    Float64Array.from({ length: 20 }, (_, i) => 2 + i * 1.5),
    Float64Array.from({ length: 20 }, (_, i) => Math.fround(0.4 + ((i * 7) % 20) * 0.35)),
  ],
};

/** A bundle of a real model in ONNX, with its real answers as golden set and baseline. */
export async function aRainBundle(model: LogisticModel = RAIN_MODEL): Promise<Bundle> {
  const onnx = writeLogisticOnnx(model);
  const inputs = DAYS.names.map((name, i) => ({
    name,
    datatype: 'FP32' as const,
    shape: [20, 1],
    data: Float32Array.from(DAYS.columns[i] as Float64Array),
  }));
  const answers = await (await loadOnnx(onnx)).run(inputs, ['probability', 'label']);
  const golden = goldenOf(
    DAYS,
    answers.map(({ name, datatype, shape, data }) => ({
      name,
      datatype,
      shape: [...shape],
      data: Array.from(data as Float32Array, Number),
    })),
  );
  const baseline = measureBaseline(DAYS, 'probability', Float64Array.from(answers[0]?.data as Float32Array));
  const files = {
    'model.onnx': onnx,
    'golden.json': Buffer.from(JSON.stringify(golden)),
    'baseline.json': Buffer.from(JSON.stringify(baseline)),
  };
  const { manifest } = aBundle();
  return {
    files,
    manifest: {
      ...manifest,
      model: {
        onnx: digestOf(onnx),
        opset: 17,
        inputs: model.features.map((name) => ({ name, datatype: 'FP32', shape: [-1, 1] })),
        outputs: [
          { name: 'probability', datatype: 'FP32', shape: [-1, 1] },
          { name: 'label', datatype: 'INT64', shape: [-1, 1] },
        ],
      },
      golden: digestOf(files['golden.json']),
      baseline: digestOf(files['baseline.json']),
    },
  };
}

export interface SealedBundle {
  bundles: MemoryObjects;
  digest: Digest;
  publicKeyPem: string;
  read(file: Parameters<typeof bundleKey>[2]): Promise<Uint8Array | undefined>;
}

/** Bundles, sealed into a zone in memory by one key; the digest is that of the last. */
export async function sealed(...bundles: Bundle[]): Promise<SealedBundle & { digests: Digest[] }> {
  const sign = keySigner();
  const zone = memoryObjects('bundles');
  const digests: Digest[] = [];
  for (const { manifest, files } of bundles) {
    digests.push((await sealBundle({ bundles: zone, sign, workspace: 'default', manifest, files })).digest);
  }
  const digest = digests.at(-1) as Digest;
  return {
    bundles: zone,
    digests,
    digest,
    publicKeyPem: await sign.publicKeyPem(),
    read: (file) => zone.get(bundleKey('default', digest, file)),
  };
}
