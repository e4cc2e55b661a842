import { type MerkleTree, merkleTree } from '../../lambdas/data/contract.ts';
import { canonicalJson } from '../../lambdas/shared/digest.ts';
import { sameEnds } from './same-ends.ts';

/** One object as a listing has it: of a folder, or of S3. */
export interface Listed {
  /** Without line breaks and tabs. */
  path: string;
  bytes: number;
  /** Changes whenever the content does: time of change and inode of a file; ETag or version of an object. */
  stamp: string;
}

/** The contents of a listing: what the next one is compared with. Everything is in the order of the paths. */
export interface Snapshot {
  count: number;
  /** A line for each: path, bytes and stamp. */
  text: Buffer;
  /** 32 bytes each. */
  digests: Buffer;
  /** Over `leafOf` of each. */
  tree: MerkleTree;
}

const BYTES = 32;
/** With more additions and removals than this, building the tree anew costs less than moving its nodes each time. */
const MOST_MOVES = 8;

export const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);

const lineOf = ({ path, bytes, stamp }: Listed): string => `${path}\t${bytes}\t${stamp}\n`;
const leafOf = ({ path, bytes }: Listed, digest: Buffer): Buffer =>
  Buffer.from(canonicalJson({ bytes, path, sha256: `sha256:${digest.toString('hex')}` }));

/**
 * The snapshot of a listing, in which only what is new or has another stamp is hashed. Both are compared as text: what
 * they begin and end with alike is taken over as it is, and only the lines between are looked at one by one.
 * @param listing In the order of the paths, each path once
 * @param before Is used up: its tree becomes the new one's
 * @param hash Reads an object and gives its SHA-256
 */
export function takeSnapshot(
  listing: readonly Listed[],
  before: Snapshot | undefined,
  hash: (object: Listed) => Buffer,
): { snapshot: Snapshot; read: Listed[] } {
  const count = listing.length;
  const text = textOf(listing);
  const old = before ?? { count: 0, text: Buffer.alloc(0), digests: Buffer.alloc(0), tree: merkleTree([]) };
  const { head, tail, oldMiddle } = sameEnds(old, { count, text });
  const digests = Buffer.concat(
    [old.digests.subarray(0, head * BYTES), Buffer.alloc((count - head - tail) * BYTES), lastOf(old.digests, tail)],
    count * BYTES,
  );
  const found = compareMiddle(oldMiddle, listing.slice(head, count - tail), head);
  for (const [from, to] of found.same) old.digests.copy(digests, to * BYTES, from * BYTES, (from + 1) * BYTES);
  const fresh = [...found.changed, ...found.added].sort((a, b) => a - b);
  const read = fresh.map((i) => listing[i] as Listed);
  for (const i of fresh) digests.set(hash(listing[i] as Listed), i * BYTES);

  const leaf = (i: number) => leafOf(listing[i] as Listed, digests.subarray(i * BYTES, (i + 1) * BYTES));
  let { tree } = old;
  if (found.added.length + found.removed.length > MOST_MOVES || found.changed.length > count / 16) {
    tree = merkleTree(listing.map((_, i) => leaf(i)));
  } else {
    for (const index of found.removed.toReversed()) tree.remove(index);
    for (const index of found.added) tree.insert(index, leaf(index));
    for (const index of found.changed) tree.set(index, leaf(index));
  }
  return { snapshot: { count, text, digests, tree }, read };
}

/** Piece by piece: one string of megabytes made of so many small ones costs twice as much to lay out. */
function textOf(listing: readonly Listed[]): Buffer {
  const pieces: Buffer[] = [];
  for (let i = 0; i < listing.length; i += 1000) {
    let piece = '';
    for (const object of listing.slice(i, i + 1000)) piece += lineOf(object);
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces);
}

const lastOf = (digests: Buffer, count: number) => digests.subarray(digests.length - count * BYTES);

/** Places in the old list for what is the same or went, in the new one for what changed or came; both begin at `head`. */
function compareMiddle(oldMiddle: string, middle: readonly Listed[], head: number) {
  const same: [from: number, to: number][] = [];
  const [changed, added, removed]: [number[], number[], number[]] = [[], [], []];
  const lines = oldMiddle.split('\n').slice(0, -1);
  const paths = lines.map((line) => line.slice(0, line.indexOf('\t')));
  let at = 0;
  for (const [i, object] of middle.entries()) {
    while (at < paths.length && (paths[at] as string) < object.path) removed.push(head + at++);
    if (paths[at] !== object.path) added.push(head + i);
    else if (`${lines[at++]}\n` === lineOf(object)) same.push([head + at - 1, head + i]);
    else changed.push(head + i);
  }
  while (at < paths.length) removed.push(head + at++);
  return { same, changed, added, removed };
}
