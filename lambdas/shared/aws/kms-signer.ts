import { createHash } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { SharedErrors } from '../errors.ts';

/**
 * A KMS key (ECC_NIST_P256, SIGN_VERIFY) as the registry's port `Sign`; its public half is asked for once.
 * It stands in `shared` because the domains to the registry's right wire it: they seal bundles and hand the public key on.
 *
 * @throws ServiceThrottled to come again
 * @throws ServiceUnavailable for whatever else KMS answers
 */
export function kmsSigner(keyId: string, client = new KMSClient({})) {
  let publicKey: Promise<string> | undefined;
  const fetchPublicKey = async () => {
    const { PublicKey } = await translated(() => client.send(new GetPublicKeyCommand({ KeyId: keyId })));
    return pemOf(PublicKey ?? new Uint8Array());
  };
  return {
    publicKeyPem(): Promise<string> {
      publicKey ??= fetchPublicKey().catch((error) => {
        publicKey = undefined;
        throw error;
      });
      return publicKey;
    },
    /** The DER signature, ECDSA with SHA-256. */
    async sign(bytes: Uint8Array): Promise<Uint8Array> {
      // KMS takes at most 4,096 bytes of a message; of a digest it takes any message's.
      const Message = createHash('sha256').update(bytes).digest();
      const input = { KeyId: keyId, Message, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' } as const;
      const { Signature } = await translated(() => client.send(new SignCommand(input)));
      return Signature ?? new Uint8Array();
    },
  };
}

const pemOf = (der: Uint8Array) => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n');
};

const THROTTLES = new Set(['ThrottlingException', 'LimitExceededException']);

async function translated<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : String(cause);
    if (THROTTLES.has(name)) throw SharedErrors.ServiceThrottled(`the signing key is throttled: ${name}`, { cause });
    throw SharedErrors.ServiceUnavailable(`the signing key does not answer: ${name}`, { cause });
  }
}
