import { canonicalJson, type Digest, digestOf } from '../shared/digest.ts';
import { describeIssues } from '../shared/errors.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { retrying } from '../shared/retry.ts';
import { type BundleFile, bundleKey, CONTENT_FILES, type ContentFile } from './bundle-files.ts';
import { BundleManifest } from './bundle-manifest.ts';
import { encodeEnvelope, preAuthenticationEncoding, verificationKey, verifyEnvelope } from './envelope.ts';
import { RegistryErrors } from './errors.ts';
import { digestsOf, openBundle } from './open-bundle.ts';
import type { Sign } from './ports.ts';
import { statementOf } from './statement.ts';

export interface BundleToSeal {
  /** The bundles zone. */
  bundles: ObjectStore;
  sign: Sign;
  workspace: string;
  manifest: BundleManifest;
  files: Readonly<Record<ContentFile, Uint8Array>>;
}

/**
 * Writes a bundle once, signed. A bundle is content: sealing it again, after a crash at any point or from somewhere
 * else, finds the same objects and ends in the same bundle. The first good signature stays, since ECDSA makes another each time.
 *
 * @throws BundleManifestInvalid when the manifest breaks its schema or names other files than the given
 * @throws BundleTampered when something else lies where a file of this bundle belongs
 * @throws BundleSignatureInvalid when a signature lies there that this key did not make
 */
export async function sealBundle({
  bundles,
  sign,
  workspace,
  manifest,
  files,
}: BundleToSeal): Promise<{ digest: Digest }> {
  const manifestBytes = Buffer.from(canonicalJson(checkedManifest(manifest, files)));
  const digest = digestOf(manifestBytes);
  const publicKeyPem = await sign.publicKeyPem();
  const keyFor = (file: BundleFile) => bundleKey(workspace, digest, file);

  for (const file of CONTENT_FILES) await writeOnce(bundles, keyFor(file), files[file]);
  await writeOnce(bundles, keyFor('bundle.json'), manifestBytes, 'application/json');
  if (!(await bundles.head(keyFor('signature.json')))) {
    const signature = await signed(
      sign,
      publicKeyPem,
      Buffer.from(canonicalJson(statementOf(digestsOf(digest, manifest)))),
    );
    // Another sealer may have been faster; then its signature is the one that the check below reads.
    await bundles.create(keyFor('signature.json'), signature, 'application/json');
  }
  await settled(() => openBundle({ read: (file) => bundles.get(keyFor(file)), digest, publicKeyPem }));
  return { digest };
}

function checkedManifest(raw: BundleManifest, files: BundleToSeal['files']): BundleManifest {
  const parsed = BundleManifest.safeParse(raw);
  if (!parsed.success) throw RegistryErrors.BundleManifestInvalid(`manifest: ${describeIssues(parsed.error, raw)}`);
  const named = digestsOf('sha256:', parsed.data);
  for (const file of CONTENT_FILES) {
    const got = digestOf(files[file]);
    if (got !== named[file]) {
      throw RegistryErrors.BundleManifestInvalid(`manifest: names ${named[file]} for ${file}, the file is ${got}`);
    }
  }
  return parsed.data;
}

/** The envelope, checked before it is written: where nothing can be overwritten, a bad signature would stay for good. */
async function signed(sign: Sign, publicKeyPem: string, payload: Uint8Array): Promise<Uint8Array> {
  const key = verificationKey(publicKeyPem);
  const signature = await sign.sign(preAuthenticationEncoding(payload));
  const envelope = encodeEnvelope({ payload, signature }, key);
  verifyEnvelope(envelope, key);
  return envelope;
}

async function writeOnce(bundles: ObjectStore, key: string, bytes: Uint8Array, contentType?: string): Promise<void> {
  if ((await bundles.create(key, bytes, contentType)) === 'created') return;
  const there = await settled(async () => {
    const found = await bundles.get(key);
    if (found) return found;
    throw RegistryErrors.BundleMissing(`${key}: was said to exist and is not there`);
  });
  if (Buffer.from(there).equals(bytes)) return;
  throw RegistryErrors.BundleTampered(`${key}: holds ${digestOf(there)}, expected ${digestOf(bytes)}`);
}

/** `exists` may be said of a write that another sealer has only begun; its object shows a moment later. */
const settled = <T>(work: () => Promise<T>): Promise<T> =>
  retrying(work, (error) => error instanceof Error && error.name === 'BundleMissing', { attempts: 5 });
