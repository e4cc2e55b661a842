import * as z from 'zod';
import { DIGEST_PATTERN, type Digest } from '../shared/digest.ts';

const DigestText = z.custom<Digest>(
  (value) => typeof value === 'string' && DIGEST_PATTERN.test(value),
  'expected sha256: and 64 hex digits',
);
const Text = z.string().min(1).max(512);
/** JSON that this domain carries and others read. */
const Carried = z.record(z.string(), z.json());

/** One tensor of the model, in the words of the Open Inference Protocol V2; `-1` is a free dimension. */
const Tensor = z.strictObject({ name: Text, datatype: Text, shape: z.array(z.int().min(-1)).readonly() });

/**
 * What is rolled out, as one document: its canonical JSON is `bundle.json`, whose digest is the bundle's name.
 * It records the training environment; the serving one belongs to a rollout.
 */
export const BundleManifest = z.strictObject({
  schema: z.literal('millrace/bundle/1'),
  model: z.strictObject({
    onnx: DigestText,
    opset: z.int().positive(),
    inputs: z.array(Tensor).min(1).readonly(),
    outputs: z.array(Tensor).min(1).readonly(),
  }),
  /** The dataset version's digest, and how it was split into training and test rows. */
  data: z.strictObject({ dataset: Text, version: DigestText, split: Carried }),
  /** `commit` and `dirty` are of the git tree that the spec was applied from, `trainer` is the digest of the training code. */
  code: z.strictObject({ commit: Text, dirty: z.boolean(), spec: DigestText, trainer: DigestText }),
  /** `image` is null where the platform's own function trained, `node` where a foreign image did. */
  trainedWith: z.strictObject({ trainer: Text, node: Text.nullable(), image: Text.nullable() }),
  golden: DigestText,
  baseline: DigestText,
  /** How far the exported file and the trainer's own arithmetic lie apart. */
  parity: Carried,
  metrics: Carried,
  /** Bundles that this one was trained from. */
  parents: z.array(DigestText),
});
export type BundleManifest = z.output<typeof BundleManifest>;
export type TensorSpec = z.output<typeof Tensor>;
