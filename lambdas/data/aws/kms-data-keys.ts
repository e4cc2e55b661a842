import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { SharedErrors } from '../../shared/errors.ts';
import type { DataKeys, KeyContext } from '../dataset-key.ts';

/** Data keys under a symmetric KMS key, bound to their dataset by the encryption context. */
export function kmsDataKeys(keyId: string, client = new KMSClient({})): DataKeys {
  const contextOf = ({ workspace, dataset }: KeyContext) => ({ workspace, dataset });
  return {
    async make(context) {
      const { Plaintext, CiphertextBlob } = await answered(
        client.send(
          new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: contextOf(context) }),
        ),
      );
      return { key: bytesOf(Plaintext), sealed: Buffer.from(bytesOf(CiphertextBlob)).toString('base64') };
    },
    async open(sealed, context) {
      const { Plaintext } = await answered(
        client.send(
          new DecryptCommand({
            KeyId: keyId,
            CiphertextBlob: Buffer.from(sealed, 'base64'),
            EncryptionContext: contextOf(context),
          }),
        ),
      );
      return bytesOf(Plaintext);
    },
  };
}

const bytesOf = (bytes: Uint8Array | undefined): Uint8Array => bytes ?? new Uint8Array();

async function answered<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (cause) {
    const { name, message } = cause as Error;
    if (name === 'ThrottlingException') throw SharedErrors.ServiceThrottled(`kms: ${message}`, { cause });
    throw SharedErrors.ServiceUnavailable(`kms: ${name}: ${message}`, { cause });
  }
}
