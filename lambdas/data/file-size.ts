import { DataErrors } from './errors.ts';

/** Largest file that can be uploaded, in bytes: what S3 takes with one PUT. */
export const MAX_UPLOAD_BYTES = 5 * 1024 ** 3;
/** Largest number of rows that one function reads: far above what its time allows, and below what overflows a count. */
export const MAX_FILE_ROWS = 500_000_000;
/** Largest dataset that files are added to, in bytes of Parquet: every ingestion reads its identities from /tmp. */
export const MAX_DATASET_BYTES = 4 * 1024 ** 3;

/** @throws FileZeroBytes, FileTooLarge */
export function checkFileSize(bytes: number): void {
  if (bytes === 0) throw DataErrors.FileZeroBytes('bytes: got 0, a file has a header and at least one row');
  if (bytes > MAX_UPLOAD_BYTES) {
    throw DataErrors.FileTooLarge(
      `bytes: got ${bytes}, at most ${MAX_UPLOAD_BYTES} are taken at once; split the file, its parts may come in any order`,
    );
  }
}

/** @throws DatasetTooLarge */
export function checkDatasetSize(dataset: string, files: readonly { bytes: number }[]): void {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= MAX_DATASET_BYTES) return;
  throw DataErrors.DatasetTooLarge(
    `dataset ${dataset}: got ${bytes} bytes of Parquet, files are added to at most ${MAX_DATASET_BYTES}`,
  );
}
