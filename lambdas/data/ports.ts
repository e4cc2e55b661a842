import type { Digest } from '../shared/digest.ts';
import type { FileFacts } from '../shared/objects.ts';
import type { Level } from './check-spec.ts';
import type { NamedObject } from './collection.ts';
import type { DatasetSpec } from './dataset-spec.ts';
import type { IngestionPlan, PlannedPart } from './ingestion-plan.ts';
import type { Manifest, ManifestFile } from './manifest.ts';
import type { ColumnProfile, Correlations } from './profile.ts';
import type { RowRule } from './row-rules.ts';

/** One version of one object of the raw zone, or a part of it. */
export interface RawObject {
  key: string;
  /** Absent where the bucket is not versioned: then what is there now is read. */
  versionId?: string;
  /** Bytes from the first (0) to before `to`; all of them where it is absent. */
  range?: { from: number; to: number };
}

/** Writes a raw object's bytes to a file; undefined when there is no such object. */
export type FetchRaw = (object: RawObject, file: string) => Promise<FileFacts | undefined>;

/** A row that was not taken, or was taken with a warning. */
export interface Breach {
  /**
   * Place among the file's records, the header not counted: 1 is the first. Null where the file was taken in parts and
   * the row is in dispute with rows of others.
   */
  row: number | null;
  /** The column's name; of a row's identity all its columns, joined by ` + `; of a check of the spec the check's name. */
  column: string;
  /** At most 80 characters of it, or its pseudonym; null where the field is empty. */
  value: string | null;
  rule: RowRule;
  level: Level;
}
export type BreachCount = Pick<Breach, 'column' | 'rule' | 'level'> & { rows: number };

/** A row that was not taken, as much of it as is kept of rows that are. */
export interface BreachedRow {
  row: number;
  /** At most 80 characters of each; null where the field is empty or is no value of its column. */
  values: Record<string, string | null>;
}

/** What became of a check that is of the file as a whole. */
export interface FileCheck {
  name: string;
  rule: 'nulls' | 'rows' | 'fresh' | 'anonymity';
  level: Level;
  passed: boolean;
  /** What was found and what was expected, for people. */
  found: string;
}

export interface RefineRequest {
  workspace: string;
  object: RawObject;
  spec: DatasetSpec;
  /** The dataset as it is; absent before its first file. */
  parent?: Manifest;
  /** Manifests of the datasets that reference checks name, by dataset; a dataset without a version has none. */
  references?: Readonly<Record<string, Manifest | undefined>>;
  /** Of the file that came before, as many records as it had. */
  rowsBefore?: number;
  /** Called with the objects that fresh rows of a collection name, before anything of them is kept; refuses what is not there. */
  requireObjects?: (objects: readonly NamedObject[]) => Promise<void>;
  /** ISO 8601, UTC: what freshness is measured against. */
  at: string;
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
    /** Rows of the dataset that gave way to rows of the file with the same identity, or went with a snapshot. */
    replaced: number;
  };
  counts: BreachCount[];
  /** The first breaches by row, at most MAX_SAMPLE of them. */
  sample: Breach[];
  /** The first rows with a breach, at most MAX_ROWS_SHOWN of them. */
  sampleRows: BreachedRow[];
  checks: FileCheck[];
  /** The files of the fresh rows; none when there are no such rows. */
  files: ManifestFile[];
  /** Paths of the dataset's files that are not part of it any more. */
  superseded: string[];
  /** Of the dataset with the fresh rows; empty when nothing changed. */
  columns: Record<string, ColumnProfile>;
  /** Of its numeric features and targets; absent where there are not two. */
  correlations?: Correlations;
}

export const MAX_SAMPLE = 200;
export const MAX_ROWS_SHOWN = 20;
/** What a report shows of a value, in characters. */
export const SHOWN = 80;

/**
 * Turns a raw file into typed Parquet files and the profile of what the dataset then is. The same file on the same
 * parent gives the same bytes.
 * @throws RawObjectMissing, FileZeroBytes, FileTooLarge, FileTruncated, FileDamaged, DecompressionBomb, CsvUnparsable,
 * ParquetUnreadable, ArrowUnreadable, HeaderMismatch, ColumnTypeMismatch, CheckUnusable, SplitLeak, DatasetTooLarge,
 * CuratedFileDamaged
 */
export type Refine = (request: RefineRequest) => Promise<Refined>;

/** What became of one part of a file; its rows are in files of the curated zone that no version names yet. */
export interface RefinedPart {
  rows: { given: number; broken: number };
  counts: BreachCount[];
  sample: Breach[];
  sampleRows: BreachedRow[];
  places: { place: string; keys: string[]; rows: number }[];
}

/** Takes files into datasets: small ones at once, large ones part by part, which gives the same rows. */
export interface Refinery {
  refine: Refine;
  /** How to take a file in parts; undefined where it can only be taken at once. */
  plan(request: RefineRequest & { specDigest: Digest }): Promise<IngestionPlan | undefined>;
  /** Takes one part; whoever does it again does the same. */
  refinePart(request: RefineRequest, plan: IngestionPlan, part: PlannedPart): Promise<void>;
  /** Makes of all parts what `refine` makes of a file. */
  finish(request: RefineRequest, plan: IngestionPlan): Promise<Refined>;
}

/** A URL that reads one object of a zone, for a while. */
export type PresignGet = (key: string, expiresInSeconds: number) => Promise<string>;

/** The key that a dataset's pseudonyms are made with: the same at every call, and nobody else's. 32 bytes. */
export type PseudonymKey = (workspace: string, dataset: string) => Promise<Uint8Array>;

/** A URL that takes one PUT of exactly so many bytes to a key of the raw zone where nothing is yet. */
export type PresignPut = (
  key: string,
  bytes: number,
  expiresInSeconds: number,
) => Promise<{ url: string; headers: Record<string, string> }>;
