import { DataErrors } from './errors.ts';

/** Largest file that one ingestion takes, in bytes: it and its Parquet lie in one function's /tmp and memory. */
export const MAX_UPLOAD_BYTES = 128 * 1024 * 1024;
/** Largest dataset that files are added to, in bytes of Parquet: every ingestion reads all of it for keys and profile. */
export const MAX_DATASET_BYTES = 1024 * 1024 * 1024;

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
