import type { Format } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';

export type FileType = 'csv' | 'jsonl' | 'parquet' | 'arrow';

const ENDINGS: Record<string, FileType> = {
  csv: 'csv',
  tsv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
  arrow: 'arrow',
  feather: 'arrow',
};

/** What a file is read as: what its name ends with before `.gz`, else what the spec says, else CSV. */
export function fileType(fileName: string, format: Format | undefined): FileType {
  const ending = /\.([a-z0-9]+)(?:\.gz)?$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
  const said = format?.type === 'objects' ? 'csv' : format?.type;
  return ENDINGS[ending] ?? said ?? 'csv';
}

/** A tab where the file's name says so and the spec does not. */
export const delimiterOf = (fileName: string, format: Format | undefined): string =>
  format?.delimiter ?? (/\.tsv(\.gz)?$/i.test(fileName) ? '\t' : ',');

export const isGzip = (start: Uint8Array): boolean => start[0] === 0x1f && start[1] === 0x8b;

/** What gzip may unpack to: more lies in no function's /tmp beside its Parquet. */
const MAX_UNPACKED_BYTES = 4 * 1024 ** 3;
/** Text packs by 3 to 30; a thousandfold is what a bomb does (deflate's own limit is 1,032). */
const MAX_RATIO = 250;
/** Small files may pack as they like. */
const FREE_BYTES = 64 * 1024 ** 2;

/** @throws DecompressionBomb */
export function checkUnpacked(unpacked: number, packed: number): void {
  if (unpacked > MAX_UNPACKED_BYTES) {
    throw DataErrors.DecompressionBomb(
      `file: got more than ${MAX_UNPACKED_BYTES} bytes out of ${packed} of gzip; pack it in parts, or send it unpacked`,
    );
  }
  if (unpacked > FREE_BYTES && unpacked > packed * MAX_RATIO) {
    throw DataErrors.DecompressionBomb(
      `file: got ${unpacked} bytes out of ${packed} of gzip so far, at most ${MAX_RATIO} times as much is taken`,
    );
  }
}
