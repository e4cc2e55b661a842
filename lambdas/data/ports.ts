import type { Digest } from '../shared/digest.ts';
import type { DatasetSpec } from './dataset-spec.ts';
import type { Manifest, ManifestFile } from './manifest.ts';
import type { ColumnProfile } from './profile.ts';
import type { RowRule } from './row-rules.ts';

/** One version of one object of the raw zone. */
export interface RawObject {
  key: string;
  /** Absent where the bucket is not versioned: then what is there now is read. */
  versionId?: string;
}

/** Writes a raw object's bytes to a file; undefined when there is no such object. */
export type FetchRaw = (object: RawObject, file: string) => Promise<{ bytes: number; sha256: Digest } | undefined>;

/** A row that was not taken. */
export interface Breach {
  /** Place among the file's records, the header not counted: 1 is the first. */
  row: number;
  /** The column's name; of a row's identity all its columns, joined by ` + `. */
  column: string;
  /** At most 80 characters of it; null where the field is empty. */
  value: string | null;
  rule: RowRule;
}
export type BreachCount = Pick<Breach, 'column' | 'rule'> & { rows: number };

export interface RefineRequest {
  workspace: string;
  object: RawObject;
  spec: DatasetSpec;
  /** The dataset as it is; absent before its first file. */
  parent?: Manifest;
}

/** What became of a file. Its Parquet files are in the curated zone, under names that are their content. */
export interface Refined {
  raw: { bytes: number; sha256: Digest };
  rows: {
    given: number;
    broken: number;
    /** Rows that the dataset has already, value for value, or that the file repeats. */
    repeated: number;
    fresh: number;
  };
  counts: BreachCount[];
  /** The first breaches by row, at most MAX_SAMPLE of them. */
  sample: Breach[];
  /** The files of the fresh rows; none when there are no such rows. */
  files: ManifestFile[];
  /** Of the dataset with the fresh rows; empty when there are none. */
  columns: Record<string, ColumnProfile>;
}

export const MAX_SAMPLE = 200;

/**
 * Turns a raw CSV into typed Parquet files and the profile of what the dataset then is. The same file on the same
 * parent gives the same bytes.
 * @throws RawObjectMissing, FileZeroBytes, FileTooLarge, CsvUnparsable, HeaderMismatch, DatasetTooLarge, CuratedFileDamaged
 */
export type Refine = (request: RefineRequest) => Promise<Refined>;

/** A URL that takes one PUT of exactly so many bytes to a key of the raw zone where nothing is yet. */
export type PresignPut = (
  key: string,
  bytes: number,
  expiresInSeconds: number,
) => Promise<{ url: string; headers: Record<string, string> }>;
