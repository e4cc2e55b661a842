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
  /** Every node, level by level: what `storedMerkleTree` takes. It changes with the tree. */
  nodes(): Buffer;
}

const BYTES = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** @param leaves As `merkleRoot` takes them */
export function merkleTree(leaves: readonly Uint8Array[]): MerkleTree {
  const { tree, fill } = over(Buffer.alloc(nodeCount(leaves.length) * BYTES), leaves.length);
  fill(leaves);
  return tree;
}

/**
 * A tree as its `nodes` were, without a hash; the buffer is the tree's from here on. The nodes are trusted: whoever kept
 * them sees to it that they are unchanged.
 * @throws RangeError when these are not the nodes of a tree of so many leaves
 */
export function storedMerkleTree(size: number, nodes: Buffer): MerkleTree {
  const wanted = nodeCount(size) * BYTES;
  if (nodes.length !== wanted) throw new RangeError(`nodes: got ${nodes.length} bytes, ${size} leaves have ${wanted}`);
  return over(nodes, size).tree;
}

const nodeCount = (leaves: number): number => levelSizes(leaves).reduce((sum, each) => sum + each, 0);

function levelSizes(leaves: number): number[] {
  const sizes = [leaves];
  for (let size = leaves; size > 1; size = (size + 1) >> 1) sizes.push((size + 1) >> 1);
  return sizes;
}

/** The levels' windows of the one buffer that holds them all. */
function levelsOf(nodes: Buffer, leaves: number): Buffer[] {
  let at = 0;
  return levelSizes(leaves).map((each) => {
    const begin = at;
    at += each * BYTES;
    return nodes.subarray(begin, at);
  });
}

function over(given: Buffer, leaves: number) {
  let nodes = given;
  let levels = levelsOf(nodes, leaves);
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
  /** Levels of another size over these leaves, with what stands left of `from` taken over. */
  function resize(leaves: readonly Buffer[], count: number, from: number): void {
    const before = levels;
    nodes = Buffer.alloc(nodeCount(count) * BYTES);
    levels = levelsOf(nodes, count);
    Buffer.concat(leaves).copy(levels[0] as Buffer);
    for (const [height, level] of levels.entries())
      if (height > 0) before[height]?.copy(level, 0, 0, Math.min(level.length, (from >> height) * BYTES));
    if (count > 0) repair(Math.min(from, count - 1), count - 1);
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
      resize([bottom.subarray(0, at), hash(LEAF, leaf), bottom.subarray(at)], size() + 1, index);
    },
    remove(index) {
      const at = checked(index, size() - 1) * BYTES;
      const bottom = levels[0] as Buffer;
      resize([bottom.subarray(0, at), bottom.subarray(at + BYTES)], size() - 1, index);
    },
    nodes: () => nodes,
  };
  const fill = (leaves: readonly Uint8Array[]) => {
    for (const [i, leaf] of leaves.entries()) put(levels[0] as Buffer, i, hash(LEAF, leaf));
    if (leaves.length > 0) repair(0, leaves.length - 1);
  };
  return { tree, fill };
}
