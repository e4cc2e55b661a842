import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { millraceFolder } from './places.ts';

/** Native libraries make 60 MB of archives, whose packing takes longer than the rest of a deployment. */
const MOST_BYTES = 1024 ** 3;

/**
 * Lets the CDK keep the archives of an app's assets where the next deployment finds them. They are named by their
 * content, so any number of apps and processes may share them.
 */
export function shareAssetArchives(assembly: string, cache = join(millraceFolder, 'cache/assets')): void {
  mkdirSync(cache, { recursive: true });
  keepNewest(cache, MOST_BYTES);
  const link = join(assembly, '.cache');
  if (!existsSync(link)) symlinkSync(cache, link, 'junction');
}

/** Removes the oldest files until the others together are no larger than that. */
export function keepNewest(folder: string, mostBytes: number): void {
  const files = readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    // Another process may have removed it.
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat ? [{ path, size: stat.size, age: -stat.mtimeMs }] : [];
  });
  let kept = 0;
  for (const { path, size } of files.sort((one, other) => one.age - other.age)) {
    kept += size;
    if (kept > mostBytes) rmSync(path, { force: true });
  }
}
