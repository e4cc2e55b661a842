import { describe, expect, test } from '@jest/globals';
import { BUNDLE_FILES, bundleKey } from '../../lambdas/registry/bundle-files.ts';
import { type BundleToSeal, openBundle, sealBundle } from '../../lambdas/registry/contract.ts';
import { digestOf, digestOfJson } from '../../lambdas/shared/digest.ts';
import { aBundle } from '../builders/bundle.ts';
import { AnswerLost, type Fault, faulty } from '../fakes/faulty.ts';
import { keySigner } from '../fakes/key-signer.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { bundleStoreContract } from './bundle-store.contract.ts';

describe('bundles in memory', () => {
  bundleStoreContract(async () => ({
    bundles: memoryObjects(),
    sign: keySigner(),
    workspace: 'default',
    strangers: keySigner(),
  }));
});

const sealing = (given: Partial<BundleToSeal> = {}): BundleToSeal => ({
  bundles: memoryObjects(),
  sign: keySigner(),
  workspace: 'default',
  ...aBundle(),
  ...given,
});

describe('sealBundle', () => {
  test('a seal that stops at any call, with or without its effect, is finished by the next one', async () => {
    let stops = 0;
    for (const fault of ['before', 'after'] as const) {
      for (let at = 0; ; at++) {
        const bundles = memoryObjects();
        const sign = keySigner();
        let call = 0;
        const stopAt = (): Fault => (call++ === at ? fault : undefined);
        const stopped = { ...sealing(), bundles: faulty(bundles, stopAt), sign: faulty(sign, stopAt) };
        const first = await sealBundle(stopped).catch((error: unknown) => error);
        if (!(first instanceof AnswerLost)) break;
        stops += 1;
        const { digest } = await sealBundle(sealing({ bundles, sign }));
        const read = (file: (typeof BUNDLE_FILES)[number]) => bundles.get(bundleKey('default', digest, file));
        await openBundle({ read, digest, publicKeyPem: await sign.publicKeyPem() });
        expect(bundles.keys()).toHaveLength(BUNDLE_FILES.length);
      }
    }
    expect(stops).toBeGreaterThan(20);
  });

  test('a bundle that is sealed already is not signed again', async () => {
    const sign = keySigner();
    const again = sealing({ sign });
    await sealBundle(again);
    await sealBundle(again);
    expect(sign.signed()).toBe(1);
  });

  test('a signature of another key is refused and left where it is', async () => {
    const first = sealing();
    const { digest } = await sealBundle(first);
    const signature = () => first.bundles.get(bundleKey('default', digest, 'signature.json'));
    const before = await signature();
    await expect(sealBundle({ ...first, sign: keySigner() })).rejects.toMatchObject({ name: 'BundleSignatureInvalid' });
    expect(await signature()).toEqual(before);
  });

  test('a signer that signs something else never gets its signature written', async () => {
    const bundles = memoryObjects();
    const honest = keySigner();
    const sign = { ...honest, sign: () => honest.sign(Buffer.from('something else')) };
    await expect(sealBundle(sealing({ bundles, sign }))).rejects.toMatchObject({ name: 'BundleSignatureInvalid' });
    expect(bundles.keys().some((key) => key.endsWith('signature.json'))).toBe(false);
  });

  test.each([
    ['an unknown key', { surprise: 1 }, /unrecognized key.*surprise/i],
    ['another schema', { schema: 'millrace/bundle/2' }, /schema: got "millrace\/bundle\/2"/],
    ['a digest that is none', { golden: 'sha256:12' }, /golden: got "sha256:12", expected sha256: and 64 hex digits/],
    ['metrics with NaN', { metrics: { brier: Number.NaN } }, /metrics\.brier/],
    ['a file of another digest', { baseline: digestOf('other') }, /names sha256:\S+ for baseline\.json, the file is/],
  ])('a manifest with %s is refused before anything is written', async (_, wrong, message) => {
    const bundles = memoryObjects();
    const { manifest, files } = aBundle();
    const broken = { ...manifest, ...wrong } as typeof manifest;
    await expect(sealBundle(sealing({ bundles, manifest: broken, files }))).rejects.toMatchObject({
      name: 'BundleManifestInvalid',
      message: expect.stringMatching(message),
    });
    expect(bundles.keys()).toEqual([]);
  });

  test('the digest is that of the canonical manifest, whatever the order of its members', async () => {
    const { manifest, files } = aBundle();
    const turned = Object.fromEntries(Object.entries(manifest).reverse()) as typeof manifest;
    const { digest } = await sealBundle(sealing({ manifest: turned, files }));
    expect(digest).toBe(digestOfJson(manifest));
  });
});
