import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashFile, listFolder } from '../../bin/collection/folder.ts';
import { readIndex, writeIndex } from '../../bin/collection/hash-index.ts';
import { byPath, type Listed, takeSnapshot } from '../../bin/collection/snapshot.ts';
import type { Figure, Sides } from '../figure.ts';

const OBJECTS = 100_000;
/** A small photograph; the larger objects are, the smaller is the share of what is done besides hashing them. */
const BYTES = 65_536;
/** So that the folder is 400 MB and not 6 GB, and lies in the page cache: the figure is about listing it. */
const FILE_BYTES = 4096;
const pathOf = (i: number) => `class-${String(i % 100).padStart(2, '0')}/${String(i).padStart(6, '0')}.jpg`;

/** A collection of 100,000 objects of which one has changed, over the same collection the first time. */
export const rehashFigures: readonly Figure[] = [
  {
    // Both sides have the listing at hand, as S3 gives it (key, size, ETag), and hash what they hash from memory: the
    // first time would read 100,000 objects on top. Again: reads the kept index, compares 100,000 stamps, hashes one
    // object and 18 nodes, writes the index. The first time: hashes every object, builds the tree, writes the index.
    name: 'data/rehash',
    unit: 'ms',
    peer: 'the first time, listing at hand',
    repeats: 5,
    prepare: async () => overListing(),
  },
  {
    // On top of that, both sides list a local folder and ask the file system for each file's size and time of change,
    // which is most of what the second time costs; the first time also opens and reads every file.
    name: 'data/rehash-folder',
    unit: 'ms',
    peer: 'the first time, local folder',
    repeats: 5,
    prepare: async () => overFolder(),
  },
];

const timed = (work: () => void): number => {
  const began = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - began) / 1e6;
};

function overListing(): Sides {
  const cache = mkdtempSync(join(tmpdir(), 'millrace-rehash-'));
  const content = randomBytes(OBJECTS + BYTES);
  const listing: Listed[] = Array.from({ length: OBJECTS }, (_, i) => ({
    path: pathOf(i),
    bytes: BYTES,
    stamp: `${BYTES} ${createHash('md5').update(String(i)).digest('hex')}`,
  })).sort(byPath);
  const hash = ({ path }: Listed) => {
    const i = Number(path.slice(9, 15));
    return createHash('sha256')
      .update(content.subarray(i, i + BYTES))
      .digest();
  };
  writeIndex('kept', cache, takeSnapshot(listing, undefined, hash).snapshot);
  let round = 0;
  return {
    async ours() {
      const index = (round++ * 7919) % OBJECTS;
      const changed = listing.with(index, { ...(listing[index] as Listed), stamp: `changed ${round}` });
      let read = -1;
      const took = timed(() => {
        const next = takeSnapshot(changed, readIndex('kept', cache), hash);
        writeIndex('next', cache, next.snapshot);
        read = next.read.length;
      });
      if (read !== 1) throw new Error(`read ${read} objects again`);
      return took;
    },
    async theirs() {
      return timed(() => writeIndex('first', cache, takeSnapshot(listing, undefined, hash).snapshot));
    },
    async close() {
      rmSync(cache, { recursive: true });
    },
  };
}

function overFolder(): Sides {
  const root = mkdtempSync(join(tmpdir(), 'millrace-rehash-'));
  const folder = join(root, 'files');
  const content = randomBytes(OBJECTS + FILE_BYTES);
  for (let i = 0; i < 100; i++) mkdirSync(join(folder, pathOf(i).slice(0, 8)), { recursive: true });
  for (let i = 0; i < OBJECTS; i++) writeFileSync(join(folder, pathOf(i)), content.subarray(i, i + FILE_BYTES));
  const hash = ({ path }: Listed) => hashFile(join(folder, path));
  const take = (kept: string, first: boolean) => {
    // As if looked at later: what was written just now would not be trusted.
    const listing = listFolder(folder, Date.now() + 60_000);
    const next = takeSnapshot(listing, first ? undefined : readIndex(kept, root), hash);
    writeIndex(kept, root, next.snapshot);
    return next.read.length;
  };
  let round = 0;
  return {
    async ours() {
      writeFileSync(join(folder, pathOf((round++ * 7919) % OBJECTS)), randomBytes(FILE_BYTES));
      let read = -1;
      const took = timed(() => {
        read = take('again', false);
      });
      if (round > 1 && read !== 1) throw new Error(`read ${read} files again`);
      return took;
    },
    async theirs() {
      return timed(() => void take('first', true));
    },
    async close() {
      rmSync(root, { recursive: true });
    },
  };
}
