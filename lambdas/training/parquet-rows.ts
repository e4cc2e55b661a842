import { parquetReadObjects } from 'hyparquet';
import { curatedKey, DataErrors, type Manifest, type SplitName } from '../data/contract.ts';
import { digestOf } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import type { Row } from './labelled-rows.ts';

/**
 * Some columns of all rows of one split. Every file is checked against the manifest before it is read.
 * @throws CuratedFileDamaged when a file is missing or is another one
 */
export async function readSplit(
  curated: ObjectStore,
  manifest: Manifest,
  split: SplitName,
  columns: readonly string[],
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const file of manifest.files.filter((each) => each.split === split)) {
    const key = curatedKey(manifest, file);
    const bytes = await curated.get(key);
    const got = bytes && digestOf(bytes);
    if (!bytes || got !== file.sha256) {
      throw DataErrors.CuratedFileDamaged(`${key}: got ${got ?? 'nothing'}, the manifest says ${file.sha256}`);
    }
    const found = await parquetReadObjects({ file: exactBuffer(bytes), columns: [...new Set(columns)] });
    for (const row of found) rows.push(row);
  }
  return rows;
}

/** A Node buffer may be a window of a larger one; the reader takes an ArrayBuffer that is the file. */
const exactBuffer = (bytes: Uint8Array): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
