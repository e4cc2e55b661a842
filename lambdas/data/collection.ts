import { parquetReadObjects } from 'hyparquet';
import { DIGEST_PATTERN, type Digest, digestOf, hexOf } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { DataErrors } from './errors.ts';
import { curatedKey, type Manifest, type ManifestFile } from './manifest.ts';

/** An object that a row of a collection names. */
export interface NamedObject {
  sha256: Digest;
  bytes: number;
}

type Named = Pick<Manifest, 'workspace' | 'dataset'>;

/** Where a collection's objects lie: under the name of their content, so that equal files are one object. */
export const objectKey = ({ workspace, dataset }: Named, sha256: Digest): string =>
  `${workspace}/${dataset}/objects/${hexOf(sha256)}`;

/**
 * The objects that the rows of one file of a collection name. The file is proved before it is read.
 * @throws CuratedFileDamaged when it is missing, is another one, or names what is no digest
 */
export async function objectsOfFile(
  curated: ObjectStore,
  manifest: Named,
  file: Pick<ManifestFile, 'path' | 'sha256'>,
): Promise<NamedObject[]> {
  const key = curatedKey(manifest, file);
  const bytes = await curated.get(key);
  const got = bytes && digestOf(bytes);
  if (!bytes || got !== file.sha256) {
    throw DataErrors.CuratedFileDamaged(`${key}: got ${got ?? 'nothing'}, the manifest says ${file.sha256}`);
  }
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file: buffer, columns: ['sha256', 'bytes'] });
  return rows.map(({ sha256, bytes: size }) => {
    if (typeof sha256 !== 'string' || !DIGEST_PATTERN.test(sha256))
      throw DataErrors.CuratedFileDamaged(`${key}: sha256: got ${String(sha256).slice(0, 80)}, expected a digest`);
    return { sha256: sha256 as Digest, bytes: Number(size) };
  });
}
