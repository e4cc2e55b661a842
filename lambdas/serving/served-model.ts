import { type BundleManifest, openBundle, type TensorSpec } from '../registry/contract.ts';
import type { Digest } from '../shared/digest.ts';
import { PlatformError } from '../shared/errors.ts';
import { ServingErrors } from './errors.ts';
import type { PredictEnv } from './predict-env.ts';
import { type RowCounter, rowCounter } from './row-counter.ts';
import { DATATYPES, type Datatype, type Model, type Signature, type TensorSignature } from './tensor.ts';

/** A verified bundle, ready to answer. */
export interface ServedModel {
  model: Model;
  signature: Signature;
  /** The registry's number of it. */
  version: string;
  /** Rows by bin of the bundle's baseline. */
  counter: RowCounter;
}

export interface BundleToServe {
  read: Parameters<typeof openBundle>[0]['read'];
  digest: Digest;
  publicKeyPem: string;
  modelVersion: string;
  /** Makes a model of verified ONNX bytes. */
  load: (onnx: Uint8Array) => Promise<Model>;
}

/** Refusals that say something of the bundle itself; what else fails may go by. */
const OF_THE_BUNDLE: ReadonlySet<string> = new Set([
  'BundleMissing',
  'BundleTampered',
  'BundleSignatureInvalid',
  'BundleManifestInvalid',
  'ModelUnsupported',
]);

/**
 * Opens, verifies and loads a bundle.
 * @throws BundleRefused when it is not what its digest and its signature say, or is no model that can be served
 * @throws BundleUnreachable when it could not be read
 */
export async function serveBundle(bundle: BundleToServe): Promise<ServedModel> {
  const refused = (cause: unknown) =>
    ServingErrors.BundleRefused(`bundle ${bundle.digest}: ${(cause as Error).message}`, { cause });
  try {
    const { manifest, files } = await openBundle(bundle);
    const signature = signatureOf(manifest);
    const counter = rowCounter(files['baseline.json'], signature);
    // A model that onnxruntime does not take is no model: the bytes are the signed ones.
    const model = await bundle.load(files['model.onnx']).catch((cause: unknown) => {
      throw ServingErrors.ModelUnsupported((cause as Error).message, { cause });
    });
    return { model, signature, version: bundle.modelVersion, counter };
  } catch (error) {
    throw error instanceof PlatformError && !OF_THE_BUNDLE.has(error.name) ? error : refused(error);
  }
}

/** @throws ModelUnsupported for a datatype that the protocol here does not carry */
export function signatureOf({ model }: BundleManifest): Signature {
  return { inputs: model.inputs.map(tensorSignature), outputs: model.outputs.map(tensorSignature) };
}

function tensorSignature({ name, datatype, shape }: TensorSpec): TensorSignature {
  if (DATATYPES.includes(datatype as Datatype)) return { name, datatype: datatype as Datatype, shape };
  throw ServingErrors.ModelUnsupported(`tensor ${name}: got datatype ${datatype}, served are ${DATATYPES.join(', ')}`);
}

/** How long a refused bundle is not looked at again: long enough to spare S3, short enough to see a repair. */
const REFUSED_FOR_MS = 30_000;

/**
 * Loads once. What could not be read is tried again by the next request, a refused bundle only after a while; each
 * refusal is told once.
 */
export function loadedOnce(
  load: () => Promise<ServedModel>,
  { refused, now = Date.now }: { refused: (error: PlatformError) => void; now?: () => number },
): () => Promise<ServedModel> {
  let loading: Promise<ServedModel> | undefined;
  let keepUntil = Number.POSITIVE_INFINITY;
  const attempt = async () => {
    try {
      return await load();
    } catch (error) {
      const final = error instanceof PlatformError && error.name === 'BundleRefused';
      keepUntil = final ? now() + REFUSED_FOR_MS : 0;
      if (final) refused(error);
      throw error;
    }
  };
  return () => {
    if (!loading || now() >= keepUntil) {
      keepUntil = Number.POSITIVE_INFINITY;
      loading = attempt();
    }
    return loading;
  };
}

/**
 * The bundle that a published version's environment pins.
 * @throws NoModelLive where it pins none: no rollout made this version
 */
export function pinnedBundle({ BUNDLE_DIGEST, SIGNER_PUBLIC_KEY, MODEL_VERSION }: PredictEnv) {
  if (BUNDLE_DIGEST && SIGNER_PUBLIC_KEY && MODEL_VERSION) {
    return { digest: BUNDLE_DIGEST, publicKeyPem: SIGNER_PUBLIC_KEY, modelVersion: MODEL_VERSION };
  }
  throw ServingErrors.NoModelLive('no model is live');
}
