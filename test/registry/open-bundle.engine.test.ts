import { createSign, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import fc from 'fast-check';
import { BUNDLE_FILES, type BundleFile, bundleKey } from '../../lambdas/registry/bundle-files.ts';
import { encodeEnvelope, preAuthenticationEncoding, verificationKey } from '../../lambdas/registry/envelope.ts';
import { openBundle } from '../../lambdas/registry/open-bundle.ts';
import { sealBundle } from '../../lambdas/registry/seal-bundle.ts';
import { type Statement, statementOf } from '../../lambdas/registry/statement.ts';
import { canonicalJson, type Digest, digestOf } from '../../lambdas/shared/digest.ts';
import { aBundle, type Bundle } from '../builders/bundle.ts';
import { keySigner } from '../fakes/key-signer.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';

const sign = keySigner();
type Files = Record<BundleFile, Uint8Array>;
interface Sealed {
  digest: Digest;
  files: Files;
  publicKeyPem: string;
}

async function sealed(bundle: Bundle = aBundle()): Promise<Sealed> {
  const bundles = memoryObjects();
  const { digest } = await sealBundle({ bundles, sign, workspace: 'default', ...bundle });
  const entries = BUNDLE_FILES.map(async (file) => [file, await bundles.get(bundleKey('default', digest, file))]);
  return { digest, files: Object.fromEntries(await Promise.all(entries)), publicKeyPem: await sign.publicKeyPem() };
}

const open = (
  { digest, files, publicKeyPem }: Sealed,
  changed: Partial<Record<BundleFile, Uint8Array | undefined>> = {},
) => openBundle({ read: async (file) => ({ ...files, ...changed })[file], digest, publicKeyPem });

/** The error's name, or what no tampering may end in. */
const refusal = async (opening: Promise<unknown>): Promise<string> =>
  opening.then(
    () => 'opened',
    (error: Error) => error.name,
  );

const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = new Uint8Array(bytes);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
};

let good: Sealed;
let other: Sealed;
beforeAll(async () => {
  good = await sealed();
  other = await sealed(aBundle({ model: 'another model' }));
});

describe('a changed bundle', () => {
  test.each(BUNDLE_FILES)('does not open after any one bit of %s was turned', async (file) => {
    const expected = file === 'signature.json' ? 'BundleSignatureInvalid' : 'BundleTampered';
    const bits = good.files[file].length * 8;
    for (let bit = 0; bit < bits; bit++) {
      const got = await refusal(open(good, { [file]: flipped(good.files[file], bit) }));
      if (got !== expected) throw new Error(`bit ${bit} of ${file}: ${got}`);
    }
  });

  test.each(BUNDLE_FILES)(
    'does not open when %s is cut short, drawn out, empty or rewritten anywhere',
    async (file) => {
      const { length } = good.files[file];
      const change = fc.oneof(
        fc.nat(length - 1).map((end) => good.files[file].slice(0, end)),
        fc.uint8Array({ minLength: 1, maxLength: 8 }).map((more) => Buffer.concat([good.files[file], more])),
        fc.uint8Array({ maxLength: 64 }),
        fc.tuple(fc.nat(length - 1), fc.uint8Array({ minLength: 1, maxLength: 4 })).map(([at, bytes]) => {
          const copy = Buffer.from(good.files[file]);
          copy.set(bytes.slice(0, length - at), at);
          return copy;
        }),
      );
      const expected = file === 'signature.json' ? 'BundleSignatureInvalid' : 'BundleTampered';
      await fc.assert(
        fc.asyncProperty(change, async (bytes) => {
          fc.pre(!Buffer.from(bytes).equals(good.files[file]));
          expect(await refusal(open(good, { [file]: bytes }))).toBe(expected);
        }),
        { numRuns: 200 },
      );
    },
  );

  test.each(BUNDLE_FILES)('is missing when %s is not there', async (file) => {
    await expect(open(good, { [file]: undefined })).rejects.toMatchObject({
      name: 'BundleMissing',
      message: `bundle ${good.digest}: has no ${file}`,
    });
  });

  test("does not open with two of its files in each other's place", async () => {
    const swap = { 'golden.json': good.files['baseline.json'], 'baseline.json': good.files['golden.json'] };
    expect(await refusal(open(good, swap))).toBe('BundleTampered');
  });

  test.each(BUNDLE_FILES)('does not open with %s of another sealed bundle, unless both have the same', async (file) => {
    const got = await refusal(open(good, { [file]: other.files[file] }));
    const same = Buffer.from(other.files[file]).equals(good.files[file]);
    expect(got).toBe(same ? 'opened' : file === 'signature.json' ? 'BundleSignatureInvalid' : 'BundleTampered');
  });

  test('is refused under the digest of another sealed bundle, files and signature and all', async () => {
    expect(await refusal(open({ ...good, digest: other.digest }))).toBe('BundleTampered');
  });

  test('says which file it was, what it is and what it should be', async () => {
    const bytes = Buffer.from('poison');
    await expect(open(good, { 'model.onnx': bytes })).rejects.toMatchObject({
      message: `bundle ${good.digest}: model.onnx is ${digestOf(bytes)} (6 bytes), expected ${digestOf(good.files['model.onnx'])}`,
    });
  });
});

describe('a signature', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const signedBy = (payload: Uint8Array, signedBytes: Uint8Array = preAuthenticationEncoding(payload)) => {
    const signature = createSign('sha256').update(signedBytes).sign(privateKey);
    return encodeEnvelope({ payload, signature }, verificationKey(pem));
  };
  const statement = (): Statement =>
    statementOf({
      'bundle.json': good.digest,
      'model.onnx': digestOf(good.files['model.onnx']),
      'golden.json': digestOf(good.files['golden.json']),
      'baseline.json': digestOf(good.files['baseline.json']),
    });
  const openSigned = (signature: Uint8Array) => open({ ...good, publicKeyPem: pem }, { 'signature.json': signature });

  test('over the statement of these files opens, whoever has the trusted key', async () => {
    await expect(openSigned(signedBy(Buffer.from(canonicalJson(statement()))))).resolves.toBeDefined();
  });

  const subjects: [string, (all: Statement['subject']) => unknown[]][] = [
    ['one file less', (all) => all.slice(1)],
    ['one file more', (all) => [...all, { name: 'extra.bin', digest: { sha256: '00'.repeat(32) } }]],
    ['a file named twice', (all) => [...all, all[0]]],
    ['no file', () => []],
    ['another order', (all) => all.toReversed()],
    ['a path instead of a name', (all) => all.map((each) => ({ ...each, name: `./${each.name}` }))],
    ['another digest', (all) => all.map((each) => ({ ...each, digest: { sha256: '00'.repeat(32) } }))],
    [
      'a second digest beside the right one',
      (all) => all.map((each) => ({ ...each, digest: { ...each.digest, md5: '' } })),
    ],
    ['two digests swapped', (all) => all.map((each, i) => ({ ...each, digest: all[(i + 1) % all.length]?.digest }))],
  ];
  test.each(subjects)('by the trusted key over a statement with %s is refused', async (_, change) => {
    const payload = Buffer.from(canonicalJson({ ...statement(), subject: change(statement().subject) }));
    expect(await refusal(openSigned(signedBy(payload)))).toBe('BundleSignatureInvalid');
  });

  test.each([
    ['of another type', { _type: 'https://in-toto.io/Statement/v0.1' }],
    ['with another predicate type', { predicateType: 'https://slsa.dev/provenance/v1' }],
    ['about another bundle', { predicate: { bundle: digestOf('other') } }],
  ])('by the trusted key over a statement %s is refused', async (_, change) => {
    const payload = Buffer.from(canonicalJson({ ...statement(), ...change }));
    expect(await refusal(openSigned(signedBy(payload)))).toBe('BundleSignatureInvalid');
  });

  test('over the bare payload, without its type before it, is refused', async () => {
    const payload = Buffer.from(canonicalJson(statement()));
    expect(await refusal(openSigned(signedBy(payload, payload)))).toBe('BundleSignatureInvalid');
    const otherType = preAuthenticationEncoding(payload, 'application/json');
    expect(await refusal(openSigned(signedBy(payload, otherType)))).toBe('BundleSignatureInvalid');
  });

  test.each([
    [
      'two signatures',
      (envelope: Envelope) => ({ ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] }),
    ],
    ['no signature', (envelope: Envelope) => ({ ...envelope, signatures: [] })],
    ['another member', (envelope: Envelope) => ({ ...envelope, note: 'x' })],
    ['another payload type', (envelope: Envelope) => ({ ...envelope, payloadType: 'application/json' })],
    ['no key id', (envelope: Envelope) => ({ ...envelope, signatures: [{ sig: envelope.signatures[0]?.sig }] })],
  ])('in an envelope with %s is refused', async (_, change) => {
    const envelope = JSON.parse(Buffer.from(good.files['signature.json']).toString()) as Envelope;
    const bytes = Buffer.from(canonicalJson(change(envelope)));
    expect(await refusal(open(good, { 'signature.json': bytes }))).toBe('BundleSignatureInvalid');
  });

  test.each(['null', '[]', '{}', '"x"', '{"payload":1,"signatures":[1]}', '{"payload":"","signatures":[null]}'])(
    'that is %s is refused',
    async (text) => {
      expect(await refusal(open(good, { 'signature.json': Buffer.from(text) }))).toBe('BundleSignatureInvalid');
    },
  );

  test('of another key says which key made it and which was expected', async () => {
    await expect(open({ ...good, publicKeyPem: pem })).rejects.toMatchObject({
      name: 'BundleSignatureInvalid',
      message: expect.stringMatching(/was made by key sha256:[0-9a-f]{64}, expected sha256:[0-9a-f]{64}$/),
    });
  });

  test('is over the encoding of the DSSE specification, by its own example', () => {
    const encoded = preAuthenticationEncoding(Buffer.from('hello world'), 'http://example.com/HelloWorld');
    expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  test.each([
    ['no key', 'not a key'],
    [
      'an RSA key',
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }),
    ],
    [
      'a key on another curve',
      generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ type: 'spki', format: 'pem' }),
    ],
  ])('is not even looked at with %s', async (_, publicKeyPem) => {
    expect(await refusal(open({ ...good, publicKeyPem: String(publicKeyPem) }))).toBe('BundleSignatureInvalid');
  });
});

interface Envelope {
  payload: string;
  payloadType: string;
  signatures: { keyid?: string; sig?: string }[];
}

describe('a document that is no bundle', () => {
  test.each([
    '[]',
    'null',
    'not json',
    '{"schema":"millrace/manifest/1"}',
    '{"schema":"millrace/bundle/1"}',
    '{"schema":"millrace/bundle/1","model":{"onnx":1},"golden":"sha256:","baseline":null}',
  ])('is refused: %s', async (text) => {
    const read = async () => Buffer.from(text);
    const opening = openBundle({ read, digest: digestOf(text), publicKeyPem: good.publicKeyPem });
    expect(await refusal(opening)).toBe('BundleManifestInvalid');
  });
});

describe('the file that opens bundles', () => {
  test('carries no SDK and no schema library into the prediction handler', async () => {
    const entry = join(import.meta.dirname, '../../lambdas/registry/open-bundle.ts');
    const { metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
    });
    expect(Object.keys(metafile.inputs).filter((path) => path.includes('node_modules'))).toEqual([]);
  });
});
