import { join } from 'node:path';
import { hexOf } from '../../shared/digest.ts';
import type { ObjectStore } from '../../shared/objects.ts';
import { DataErrors } from '../errors.ts';
import { curatedKey, type Manifest, type ManifestFile } from '../manifest.ts';

/** How many files are on their way at once: enough to fill the network, few enough for memory. */
const AT_ONCE = 8;

/**
 * Files of a dataset version in a folder, in the order given, each proved to be what the manifest says.
 * @throws CuratedFileDamaged when one is missing or another one
 */
export async function downloadFiles(
  { curated, folder }: { curated: ObjectStore; folder: string },
  manifest: Manifest,
  files: readonly ManifestFile[],
): Promise<string[]> {
  const local = files.map(({ sha256 }) => join(folder, `${manifest.dataset}-${hexOf(sha256)}.parquet`));
  let next = 0;
  const work = async () => {
    for (let i = next++; i < files.length; i = next++) {
      const file = files[i] as ManifestFile;
      const key = curatedKey(manifest, file);
      const got = await curated.download(key, local[i] as string);
      if (got?.sha256 !== file.sha256)
        throw DataErrors.CuratedFileDamaged(
          `${key}: got ${got?.sha256 ?? 'nothing'}, the manifest says ${file.sha256}`,
        );
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, files.length) }, work));
  return local;
}
