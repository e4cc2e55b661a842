import { type MerkleTree, merkleTree } from '../../lambdas/data/merkle-tree.ts';
import { canonicalJson } from '../../lambdas/shared/digest.ts';

/** One object as a listing has it: of a folder, or of S3. */
export interface Listed {
  path: string;
  bytes: number;
  /** Changes whenever the content does: size, time of change and inode of a file; size and ETag or version of an object. */
  stamp: string;
}

/** The contents of a listing: what the next one is compared with. All lists are in the order of the paths. */
export interface Snapshot {
  paths: string[];
  stamps: string[];
  /** 32 bytes each. */
  digests: Buffer;
  /** Over `leafOf` of each. */
  tree: MerkleTree;
}

const BYTES = 32;
/** With more additions and removals than this, building the tree anew costs less than moving its nodes each time. */
const MOST_MOVES = 8;

export const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);

const leafOf = ({ path, bytes }: Listed, digest: Buffer): Buffer =>
  Buffer.from(canonicalJson({ bytes, path, sha256: `sha256:${digest.toString('hex')}` }));

/**
 * The snapshot of a listing, in which only what is new or has another stamp is hashed.
 * @param listing In the order of the paths, each path once
 * @param hash Reads an object and gives its SHA-256
 */
export function takeSnapshot(
  listing: readonly Listed[],
  before: Snapshot | undefined,
  hash: (object: Listed) => Buffer,
): { snapshot: Snapshot; read: Listed[] } {
  const old = before ?? { paths: [], stamps: [], digests: Buffer.alloc(0), tree: merkleTree([]) };
  const digests = Buffer.allocUnsafe(listing.length * BYTES);
  const read: Listed[] = [];
  /** Places in the new list, and in the old one: what was read, what came, what went. */
  const [changed, added, removed]: [number[], number[], number[]] = [[], [], []];
  let at = 0;
  for (const [i, object] of listing.entries()) {
    while (at < old.paths.length && (old.paths[at] as string) < object.path) removed.push(at++);
    const known = old.paths[at] === object.path;
    if (known && old.stamps[at] === object.stamp) {
      old.digests.copy(digests, i * BYTES, at * BYTES, (at + 1) * BYTES);
    } else {
      digests.set(hash(object), i * BYTES);
      read.push(object);
      (known ? changed : added).push(i);
    }
    if (known) at++;
  }
  while (at < old.paths.length) removed.push(at++);

  const leaf = (i: number) => leafOf(listing[i] as Listed, digests.subarray(i * BYTES, (i + 1) * BYTES));
  let { tree } = old;
  const moves = added.length + removed.length;
  if (before === undefined || moves > MOST_MOVES || changed.length > listing.length / 16) {
    tree = merkleTree(listing.map((_, i) => leaf(i)));
  } else {
    for (const index of removed.toReversed()) tree.remove(index);
    for (const index of added) tree.insert(index, leaf(index));
    for (const index of changed) tree.set(index, leaf(index));
  }
  const paths = moves === 0 && before ? old.paths : listing.map(({ path }) => path);
  return { snapshot: { paths, stamps: listing.map(({ stamp }) => stamp), digests, tree }, read };
}
