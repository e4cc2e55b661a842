import { canonicalJson, DIGEST_PATTERN, type Digest, digestOf } from '../shared/digest.ts';
import { CONTENT_FILES, type ContentFile, SIGNED_FILES, type SignedFile } from './bundle-files.ts';
// Types only: the prediction handler loads this file at every cold start, so it carries no schema library and no SDK.
import type { BundleManifest } from './bundle-manifest.ts';
import { verificationKey, verifyEnvelope } from './envelope.ts';
import { RegistryErrors } from './errors.ts';
import { type FileDigests, statementOf } from './statement.ts';

export interface BundleToOpen {
  /** One file of the bundle, or undefined when it is not there; a zone, a folder, a map. */
  read: (file: SignedFile | 'signature.json') => Promise<Uint8Array | undefined>;
  /** What the caller trusts: from the registry, or from the endpoint's own environment. */
  digest: Digest;
  publicKeyPem: string;
}

/** A bundle whose every byte is what was sealed. */
export interface OpenBundle {
  digest: Digest;
  manifest: BundleManifest;
  files: Record<ContentFile, Uint8Array>;
}

/**
 * Reads a bundle and verifies it, without a network of its own: the manifest against the digest, each file against
 * the manifest, the signature over one sha256 for each file. What it returns can be relied on whole.
 *
 * @throws BundleMissing when a file is not there
 * @throws BundleTampered when a file is not the one that the digest stands for
 * @throws BundleSignatureInvalid when the key did not sign exactly these files
 */
export async function openBundle({ read, digest, publicKeyPem }: BundleToOpen): Promise<OpenBundle> {
  const key = verificationKey(publicKeyPem);
  const [manifestBytes, signatureBytes, ...contents] = await Promise.all(
    (['bundle.json', 'signature.json', ...CONTENT_FILES] as const).map(async (file) => {
      const bytes = await read(file);
      if (!bytes) throw RegistryErrors.BundleMissing(`bundle ${digest}: has no ${file}`);
      return bytes;
    }),
  );
  const manifest = readManifest(manifestBytes as Uint8Array, digest);
  const files = Object.fromEntries(CONTENT_FILES.map((file, i) => [file, contents[i]])) as OpenBundle['files'];
  const digests = digestsOf(digest, manifest);
  for (const file of CONTENT_FILES) expectDigest(digest, file, files[file], digests[file]);
  const payload = verifyEnvelope(signatureBytes as Uint8Array, key);
  checkStatement(payload, digests);
  return { digest, manifest, files };
}

/** What the manifest says each signed file is. */
export const digestsOf = (digest: Digest, manifest: BundleManifest): FileDigests => ({
  'bundle.json': digest,
  'model.onnx': manifest.model.onnx,
  'golden.json': manifest.golden,
  'baseline.json': manifest.baseline,
});

function expectDigest(bundle: Digest, file: SignedFile, bytes: Uint8Array, expected: Digest): void {
  const got = digestOf(bytes);
  if (got === expected) return;
  throw RegistryErrors.BundleTampered(
    `bundle ${bundle}: ${file} is ${got} (${bytes.length} bytes), expected ${expected}`,
  );
}

function readManifest(bytes: Uint8Array, digest: Digest): BundleManifest {
  expectDigest(digest, 'bundle.json', bytes, digest);
  // From here on the bytes are what the caller's digest names; whether that is a bundle at all is another question.
  let manifest: Partial<BundleManifest> | null;
  try {
    manifest = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw RegistryErrors.BundleManifestInvalid(`bundle ${digest}: bundle.json is not JSON`, { cause });
  }
  if (manifest?.schema !== 'millrace/bundle/1') {
    throw RegistryErrors.BundleManifestInvalid(
      `bundle ${digest}: schema is ${JSON.stringify(manifest?.schema)}, expected "millrace/bundle/1"`,
    );
  }
  const named = [manifest.model?.onnx, manifest.golden, manifest.baseline];
  if (named.every((each) => typeof each === 'string' && DIGEST_PATTERN.test(each))) return manifest as BundleManifest;
  throw RegistryErrors.BundleManifestInvalid(`bundle ${digest}: bundle.json does not name ${CONTENT_FILES.join(', ')}`);
}

/** A good signature says that the key signed this payload; the payload must be the statement of this very bundle. */
function checkStatement(payload: Uint8Array, digests: FileDigests): void {
  const expected = canonicalJson(statementOf(digests));
  if (Buffer.from(payload).equals(Buffer.from(expected))) return;
  throw RegistryErrors.BundleSignatureInvalid(
    `signature.json: its statement is not that of ${digests['bundle.json']} with exactly ${SIGNED_FILES.join(', ')}`,
  );
}
