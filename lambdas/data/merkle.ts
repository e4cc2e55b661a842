import { createHash } from 'node:crypto';
import type { Digest } from '../shared/digest.ts';

/**
 * The Merkle tree hash of RFC 6962, section 2.1: leaves and nodes are told apart by a prefix byte, so that no list of
 * leaves can pass for another; a list of n is split at the largest power of two below n.
 */
export function merkleRoot(leaves: readonly Uint8Array[]): Digest {
  return `sha256:${hashOf(leaves).toString('hex')}`;
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

function hashOf(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(LEAF, leaves[0] as Uint8Array);
  const left = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return sha256(NODE, hashOf(leaves.slice(0, left)), hashOf(leaves.slice(left)));
}
