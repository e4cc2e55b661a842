import { generateKeyPairSync, sign } from 'node:crypto';
import type { Sign } from '../../lambdas/registry/ports.ts';

export interface KeySigner extends Sign {
  /** Signatures made so far. */
  signed(): number;
}

/** The signing port with a key pair of its own. */
export function keySigner(): KeySigner {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let signed = 0;
  return {
    publicKeyPem: async () => publicKey.export({ type: 'spki', format: 'pem' }) as string,
    async sign(bytes) {
      signed += 1;
      return sign('sha256', bytes, privateKey);
    },
    signed: () => signed,
  };
}
