import type { Digest } from '../shared/digest.ts';
import type { ColumnType } from './dataset-spec.ts';

/** One Parquet file of a version, and where it can be read without a token. */
export interface FileLink {
  path: string;
  sha256: Digest;
  bytes: number;
  rows: number;
  url: string;
}

/** The files of a version's train split, page by page. */
export interface VersionFiles {
  dataset: string;
  version: Digest;
  number: number;
  /** As they are stored, so that a version without a row to learn from is still a table. */
  columns: Record<string, ColumnType>;
  /** Of the train split: all its files, not those of this page. */
  total: { files: number; bytes: number; rows: number };
  files: FileLink[];
  expiresAt: string;
  /** The path to ask behind for the next page; absent on the last one. */
  next?: string;
}
