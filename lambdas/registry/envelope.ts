import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { canonicalJson } from '../shared/digest.ts';
import { RegistryErrors } from './errors.ts';

/** DSSE v1 envelope with one signature (github.com/secure-systems-lab/dsse, envelope.md). */
export interface Envelope {
  payload: Uint8Array;
  signature: Uint8Array;
}

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** What is signed: payload type and payload with their lengths before them, so that neither can pass for the other. */
export function preAuthenticationEncoding(payload: Uint8Array, type = PAYLOAD_TYPE): Uint8Array {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/**
 * The public key of a PEM text, refused unless it is on P-256.
 * @throws BundleSignatureInvalid otherwise
 */
export function verificationKey(publicKeyPem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(publicKeyPem);
  } catch (cause) {
    throw RegistryErrors.BundleSignatureInvalid('public key: is not a public key in PEM', { cause });
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType === 'ec' && curve === 'prime256v1') return key;
  throw RegistryErrors.BundleSignatureInvalid(
    `public key: got ${curve ?? key.asymmetricKeyType}, bundles are signed with ECDSA on P-256`,
  );
}

/** Which key signed: the digest of its SubjectPublicKeyInfo. Tells people; what counts is the signature. */
const keyIdOf = (key: KeyObject): string =>
  `sha256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`;

/** The bytes of `signature.json`. */
export const encodeEnvelope = ({ payload, signature }: Envelope, key: KeyObject): Uint8Array =>
  Buffer.from(
    canonicalJson({
      payload: Buffer.from(payload).toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ keyid: keyIdOf(key), sig: Buffer.from(signature).toString('base64') }],
    }),
  );

/**
 * Reads an envelope and checks its signature. There is exactly one accepted form of the same content, because
 * base64 and JSON would let changed bytes mean the same: what encodes to other bytes is refused.
 * @returns the signed payload
 * @throws BundleSignatureInvalid
 */
export function verifyEnvelope(bytes: Uint8Array, key: KeyObject): Uint8Array {
  const envelope = readEnvelope(bytes);
  if (envelope.keyid !== keyIdOf(key)) {
    throw RegistryErrors.BundleSignatureInvalid(
      `signature.json: was made by key ${envelope.keyid}, expected ${keyIdOf(key)}`,
    );
  }
  if (!Buffer.from(encodeEnvelope(envelope, key)).equals(bytes)) {
    throw RegistryErrors.BundleSignatureInvalid(
      'signature.json: is not a canonical DSSE envelope of an in-toto statement with one signature',
    );
  }
  if (!verify('sha256', preAuthenticationEncoding(envelope.payload), key, envelope.signature)) {
    throw RegistryErrors.BundleSignatureInvalid(
      `signature.json: the signature does not verify with key ${envelope.keyid}`,
    );
  }
  return envelope.payload;
}

function readEnvelope(bytes: Uint8Array): Envelope & { keyid: string } {
  try {
    const { payload, signatures } = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const [{ keyid, sig }] = signatures;
    return { payload: Buffer.from(payload, 'base64'), signature: Buffer.from(sig, 'base64'), keyid: String(keyid) };
  } catch (cause) {
    throw RegistryErrors.BundleSignatureInvalid('signature.json: is not a DSSE envelope', { cause });
  }
}
