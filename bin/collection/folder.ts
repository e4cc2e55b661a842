import { createHash, randomUUID } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { DataErrors, requirePath } from '../../lambdas/data/contract.ts';
import { byPath, type Listed } from './snapshot.ts';

/**
 * A file that changed shortly before it was looked at may change again and keep its time: some file systems count in
 * two seconds. Its stamp is like no other, so that the next time it is read again.
 */
const SETTLED_MS = 2500;

/**
 * The files of a folder and of those below it, in the order of their paths. Nothing is followed out of it: a link, a
 * pipe or a device is refused, and so is a path that would be another one elsewhere.
 * @throws CollectionPathInvalid
 */
export function listFolder(folder: string, now: number = Date.now()): Listed[] {
  const found: Listed[] = [];
  const pending = [''];
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      requirePath(path);
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isFile()) found.push({ path, ...stampOf(join(folder, path), now) });
      else
        throw DataErrors.CollectionPathInvalid(
          `path: got ${JSON.stringify(path)}, expected a file or a folder, and it is ${entry.isSymbolicLink() ? 'a link' : 'neither'}`,
        );
    }
  }
  return found.sort(byPath);
}

function stampOf(file: string, now: number): Omit<Listed, 'path'> {
  const { size, mtimeNs, ctimeNs, ino } = lstatSync(file, { bigint: true });
  const settled = Number(mtimeNs / 1_000_000n) < now - SETTLED_MS && Number(ctimeNs / 1_000_000n) < now - SETTLED_MS;
  return { bytes: Number(size), stamp: settled ? `${mtimeNs} ${ctimeNs} ${ino}` : `unsettled ${randomUUID()}` };
}

/** The folder by its one real name, so that its index is found from wherever it is named. */
export const realFolder = (folder: string): string => realpathSync(folder);

const CHUNK = Buffer.allocUnsafe(1 << 20);

/** Reads a file piece by piece, whatever its size. */
export function hashFile(file: string, algorithm: 'sha256' | 'md5' = 'sha256'): Buffer {
  const hash = createHash(algorithm);
  const descriptor = openSync(file, 'r');
  try {
    for (let bytes = readSync(descriptor, CHUNK); bytes > 0; bytes = readSync(descriptor, CHUNK))
      hash.update(CHUNK.subarray(0, bytes));
  } finally {
    closeSync(descriptor);
  }
  return hash.digest();
}
