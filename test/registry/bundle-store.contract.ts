import { beforeAll, expect, test } from '@jest/globals';
import { BUNDLE_FILES, bundleKey } from '../../lambdas/registry/bundle-files.ts';
import { type BundleToSeal, openBundle, sealBundle } from '../../lambdas/registry/contract.ts';
import type { Sign } from '../../lambdas/registry/ports.ts';
import { type Digest, digestOfJson } from '../../lambdas/shared/digest.ts';
import type { ObjectStore } from '../../lambdas/shared/objects.ts';
import { aBundle } from '../builders/bundle.ts';

/** What every pair of zone and signing key must show. `make` gives an own zone, or an own prefix by the workspace. */
export function bundleStoreContract(
  make: () => Promise<{ bundles: ObjectStore; sign: Sign; workspace: string; strangers: Sign }>,
): void {
  let store: Awaited<ReturnType<typeof make>>;
  beforeAll(async () => {
    store = await make();
  });
  const seal = (given: Partial<BundleToSeal> = {}) => sealBundle({ ...store, ...aBundle(), ...given });
  const open = async (digest: Digest, sign = store.sign) =>
    openBundle({
      read: (file) => store.bundles.get(bundleKey(store.workspace, digest, file)),
      digest,
      publicKeyPem: await sign.publicKeyPem(),
    });

  test('a sealed bundle opens by its digest with the public key', async () => {
    const { digest } = await seal();
    const { manifest, files } = aBundle();
    expect(digest).toBe(digestOfJson(manifest));
    const opened = await open(digest);
    expect(opened.manifest).toEqual(manifest);
    expect(Buffer.from(opened.files['model.onnx'])).toEqual(files['model.onnx']);
    for (const file of BUNDLE_FILES) {
      expect(await store.bundles.head(bundleKey(store.workspace, digest, file))).toBeDefined();
    }
  });

  test('sealing again changes no byte, not even of the signature', async () => {
    const bundle = aBundle({ model: 'sealed twice' });
    const { digest } = await seal(bundle);
    const key = bundleKey(store.workspace, digest, 'signature.json');
    const before = await store.bundles.get(key);
    expect(await seal(bundle)).toEqual({ digest });
    expect(Buffer.from((await store.bundles.get(key)) as Uint8Array)).toEqual(Buffer.from(before as Uint8Array));
  });

  test('sealing at the same time from several places ends in one good bundle', async () => {
    const bundle = aBundle({ model: 'sealed by many' });
    const sealed = await Promise.all(Array.from({ length: 4 }, () => seal(bundle)));
    expect(new Set(sealed.map(({ digest }) => digest)).size).toBe(1);
    await expect(open(sealed[0]?.digest as Digest)).resolves.toMatchObject({ manifest: bundle.manifest });
  });

  test('another key opens nothing', async () => {
    const { digest } = await seal();
    await expect(open(digest, store.strangers)).rejects.toMatchObject({ name: 'BundleSignatureInvalid' });
  });

  test('a bundle that is not there is missing', async () => {
    await expect(open(digestOfJson('nothing'))).rejects.toMatchObject({ name: 'BundleMissing' });
  });

  test('a file that something else lies in the place of is refused, left as it is, and never signed', async () => {
    const bundle = aBundle({ model: 'its place is taken' });
    const key = bundleKey(store.workspace, digestOfJson(bundle.manifest), 'model.onnx');
    await store.bundles.create(key, 'something else');
    await expect(seal(bundle)).rejects.toMatchObject({ name: 'BundleTampered' });
    expect(Buffer.from((await store.bundles.get(key)) as Uint8Array).toString()).toBe('something else');
    const signature = bundleKey(store.workspace, digestOfJson(bundle.manifest), 'signature.json');
    expect(await store.bundles.head(signature)).toBeUndefined();
  });
}
