import { createHash, createPublicKey, verify } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, type SignCommand } from '@aws-sdk/client-kms';
import { describe, expect, test } from '@jest/globals';
import { kmsSigner } from '../../lambdas/shared/aws/kms-signer.ts';
import { keySigner } from '../fakes/key-signer.ts';

type Command = GetPublicKeyCommand | SignCommand;
const clientOf = (send: (command: Command) => Promise<unknown>) => ({ send }) as unknown as KMSClient;
const failing = (name: string) => clientOf(async () => Promise.reject(Object.assign(new Error('no'), { name })));

describe('the KMS signer', () => {
  test('asks for the public key once and gives it as PEM that node reads', async () => {
    const pem = await keySigner().publicKeyPem();
    const PublicKey = createPublicKey(pem).export({ type: 'spki', format: 'der' });
    const sent: Command[] = [];
    const client = clientOf(async (command) => {
      sent.push(command);
      return { PublicKey };
    });
    const signer = kmsSigner('key', client);
    expect(await Promise.all([signer.publicKeyPem(), signer.publicKeyPem()])).toEqual([pem, pem]);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toBeInstanceOf(GetPublicKeyCommand);
  });

  test('asks again when the first time failed', async () => {
    let calls = 0;
    const pem = await keySigner().publicKeyPem();
    const PublicKey = createPublicKey(pem).export({ type: 'spki', format: 'der' });
    const client = clientOf(async () => (++calls === 1 ? Promise.reject(new Error('no')) : { PublicKey }));
    const signer = kmsSigner('key', client);
    await expect(signer.publicKeyPem()).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    expect(await signer.publicKeyPem()).toBe(pem);
  });

  test('sends the digest, so that a message of any length can be signed', async () => {
    const message = Buffer.alloc(10_000, 'm');
    const key = keySigner();
    const client = clientOf(async (command) => {
      expect(command.input).toEqual({
        KeyId: 'key',
        Message: createHash('sha256').update(message).digest(),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      });
      return { Signature: await key.sign(message) };
    });
    const signature = await kmsSigner('key', client).sign(message);
    expect(verify('sha256', message, await key.publicKeyPem(), signature)).toBe(true);
  });

  test.each([
    ['ThrottlingException', 'ServiceThrottled', 'throttled'],
    ['LimitExceededException', 'ServiceThrottled', 'throttled'],
    ['KMSInternalException', 'ServiceUnavailable', 'unavailable'],
    ['DisabledException', 'ServiceUnavailable', 'unavailable'],
  ])('says %s in the words of the platform', async (theirs, name, kind) => {
    await expect(kmsSigner('key', failing(theirs)).sign(Buffer.from('x'))).rejects.toMatchObject({ name, kind });
  });
});
