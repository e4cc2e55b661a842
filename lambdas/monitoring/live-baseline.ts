import { type BundleManifest, bundleKey, RegistryErrors } from '../registry/contract.ts';
import { type Digest, digestOf } from '../shared/digest.ts';
import { type ObjectStore, parseJson } from '../shared/objects.ts';

/**
 * A bundle's baseline, verified by digest from the bundle's name down to its bytes. The signature was verified before
 * the bundle went live, and its name comes from the catalogue: this needs neither key nor model.
 *
 * @throws BundleMissing when a file is not there
 * @throws BundleTampered when a file is not the one that the digest stands for
 */
export async function readBaselineFile(bundles: ObjectStore, workspace: string, bundle: Digest): Promise<Uint8Array> {
  const read = async (file: 'bundle.json' | 'baseline.json', expected: Digest) => {
    const bytes = await bundles.get(bundleKey(workspace, bundle, file));
    if (!bytes) throw RegistryErrors.BundleMissing(`bundle ${bundle}: has no ${file}`);
    const got = digestOf(bytes);
    if (got !== expected)
      throw RegistryErrors.BundleTampered(`bundle ${bundle}: ${file} is ${got}, expected ${expected}`);
    return bytes;
  };
  const manifest = parseJson<BundleManifest>(await read('bundle.json', bundle));
  return read('baseline.json', manifest.baseline);
}
