import { createHash } from 'node:crypto';
import type { Digest } from '../shared/digest.ts';

/**
 * The tree behind `merkleRoot` (RFC 6962) with its inner nodes kept, so that a changed leaf costs one hash for each
 * level above it. Level 0 has the leaves' hashes; node i of a level is over nodes 2i and 2i+1 of the level below, and a
 * last node without a partner is taken up as it is: that is the same tree as splitting at the largest power of two.
 */
export interface MerkleTree {
  readonly size: number;
  /** How many hashes were computed so far. */
  readonly hashes: number;
  root(): Digest;
  /** Replaces one leaf: O(log n) hashes. */
  set(index: number, leaf: Uint8Array): void;
  /** Puts a leaf before the one at `index`: what is right of it moves, and only that is hashed again. */
  insert(index: number, leaf: Uint8Array): void;
  remove(index: number): void;
  /** Every node, level by level: what `storedMerkleTree` takes. */
  nodes(): Buffer;
}

const BYTES = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** @param leaves As `merkleRoot` takes them */
export function merkleTree(leaves: readonly Uint8Array[]): MerkleTree {
  const levels = levelSizes(leaves.length).map((size) => Buffer.alloc(size * BYTES));
  const { tree, fill } = over(levels);
  fill(leaves);
  return tree;
}

/**
 * A tree as its `nodes` were, without a hash. They are trusted: whoever kept them sees to it that they are unchanged.
 * @throws RangeError when these are not the nodes of a tree of so many leaves
 */
export function storedMerkleTree(size: number, nodes: Buffer): MerkleTree {
  const sizes = levelSizes(size);
  const wanted = sizes.reduce((sum, each) => sum + each * BYTES, 0);
  if (nodes.length !== wanted) throw new RangeError(`nodes: got ${nodes.length} bytes, ${size} leaves have ${wanted}`);
  let at = 0;
  const levels = sizes.map((each) => {
    const begin = at;
    at += each * BYTES;
    return Buffer.from(nodes.subarray(begin, at));
  });
  return over(levels).tree;
}

function levelSizes(leaves: number): number[] {
  const sizes = [leaves];
  for (let size = leaves; size > 1; size = (size + 1) >> 1) sizes.push((size + 1) >> 1);
  return sizes;
}

function over(levels: Buffer[]) {
  let hashes = 0;
  const size = () => (levels[0] as Buffer).length / BYTES;
  const hash = (...parts: Uint8Array[]): Buffer => {
    hashes++;
    const sha = createHash('sha256');
    for (const part of parts) sha.update(part);
    return sha.digest();
  };
  const put = (level: Buffer, index: number, node: Uint8Array) => level.set(node, index * BYTES);

  /** Makes every level right again that stands over the leaves from `from` up to `to`. */
  function repair(from: number, to: number): void {
    let [first, last] = [from, to];
    for (let height = 1; height < levels.length; height++) {
      const below = levels[height - 1] as Buffer;
      const above = levels[height] as Buffer;
      first >>= 1;
      last >>= 1;
      for (let i = first; i <= last; i++) {
        const pair = below.subarray(2 * i * BYTES, (2 * i + 2) * BYTES);
        put(above, i, pair.length === BYTES ? pair : hash(NODE, pair));
      }
    }
  }
  /** New levels of another size, with what is left of `from` taken over. */
  function resize(bottom: Buffer, from: number): void {
    const sizes = levelSizes(bottom.length / BYTES);
    const next = sizes.map((each, height) => {
      if (height === 0) return bottom;
      const level = Buffer.alloc(each * BYTES);
      levels[height]?.copy(level, 0, 0, Math.min(level.length, (from >> height) * BYTES));
      return level;
    });
    levels.splice(0, levels.length, ...next);
    if (size() > 0) repair(Math.min(from, size() - 1), size() - 1);
  }
  const checked = (index: number, most: number): number => {
    if (Number.isInteger(index) && index >= 0 && index <= most) return index;
    throw new RangeError(`index: got ${index}, the tree has ${size()} leaves`);
  };

  const tree: MerkleTree = {
    get size() {
      return size();
    },
    get hashes() {
      return hashes;
    },
    root() {
      const top = size() === 0 ? createHash('sha256').digest() : (levels.at(-1) as Buffer);
      return `sha256:${top.toString('hex')}`;
    },
    set(index, leaf) {
      put(levels[0] as Buffer, checked(index, size() - 1), hash(LEAF, leaf));
      repair(index, index);
    },
    insert(index, leaf) {
      const at = checked(index, size()) * BYTES;
      const bottom = levels[0] as Buffer;
      resize(Buffer.concat([bottom.subarray(0, at), hash(LEAF, leaf), bottom.subarray(at)]), index);
    },
    remove(index) {
      const at = checked(index, size() - 1) * BYTES;
      const bottom = levels[0] as Buffer;
      resize(Buffer.concat([bottom.subarray(0, at), bottom.subarray(at + BYTES)]), index);
    },
    nodes: () => Buffer.concat(levels),
  };
  const fill = (leaves: readonly Uint8Array[]) => {
    for (const [i, leaf] of leaves.entries()) put(levels[0] as Buffer, i, hash(LEAF, leaf));
    if (leaves.length > 0) repair(0, leaves.length - 1);
  };
  return { tree, fill };
}
