import { bundleKey, type OpenBundle, openBundle } from '../registry/contract.ts';
import type { RolloutFact } from './rollout.ts';
import type { RolloutDeps } from './turn.ts';

/**
 * The bundle of a rollout, verified with the key service's own public key.
 * @throws BundleMissing @throws BundleTampered @throws BundleSignatureInvalid
 */
export async function rolloutBundle(
  { bundles, publicKeyPem }: Pick<RolloutDeps, 'bundles' | 'publicKeyPem'>,
  workspace: string,
  { bundle }: Pick<RolloutFact, 'bundle'>,
): Promise<OpenBundle> {
  return openBundle({
    read: (file) => bundles.get(bundleKey(workspace, bundle, file)),
    digest: bundle,
    publicKeyPem: await publicKeyPem(),
  });
}
