import { createHash, randomBytes } from 'node:crypto';

export type NewId = () => string;

/** 26 characters, sortable by time to the millisecond (Crockford base 32, the form of a ULID). */
export const newId: NewId = () => encodeTime(Date.now()) + encodeBytes(randomBytes(10));

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

function encodeTime(ms: number): string {
  let text = '';
  for (let i = 0; i < 10; i++) {
    text = ALPHABET[ms % 32] + text;
    ms = Math.floor(ms / 32);
  }
  return text;
}

function encodeBytes(bytes: Uint8Array): string {
  let bits = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (let i = 0; i < 16; i++) {
    text = ALPHABET[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return text;
}

/** An id that the same input always gives: what makes a retry the same thing. 32 hex characters. */
export const derivedId = (...parts: string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
