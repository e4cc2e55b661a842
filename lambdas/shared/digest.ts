import { createHash } from 'node:crypto';
import { SharedErrors } from './errors.ts';

/** `sha256:<64 hex>` of bytes or of canonical JSON. */
export type Digest = `sha256:${string}`;

export const DIGEST_PATTERN = /^sha256:[0-9a-f]{64}$/;

export const digestOf = (bytes: Uint8Array | string): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
export const digestOfJson = (value: unknown): Digest => digestOf(canonicalJson(value));
export const hexOf = (digest: string): string => digest.slice('sha256:'.length);

/**
 * RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16 code units, numbers as ECMAScript prints them.
 * NaN and infinities have no JSON form and are refused, as is a lone surrogate.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw SharedErrors.InvalidInput(`number: got ${value}, canonical JSON has finite numbers only`);
    return Object.is(value, -0) ? '0' : String(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed())
      throw SharedErrors.InvalidInput('string: got a lone surrogate, canonical JSON is well-formed Unicode');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${canonicalJson(key)}:${canonicalJson(member)}`).join(',')}}`;
  }
  throw SharedErrors.InvalidInput(`value: got a ${typeof value}, JSON has no such type`);
}
