import type { Digest } from './digest.ts';

/** The port to one zone (bucket): S3 on AWS, a map in tests. */
export interface ObjectStore {
  /** The bucket's name, for s3:// locations in manifests and records. */
  readonly bucket: string;
  get(key: string): Promise<Uint8Array | undefined>;
  /** Writes an object's bytes to a file, whatever their size; undefined, and no file, when there is no such object. */
  download(key: string, file: string): Promise<FileFacts | undefined>;
  /** Writes a file's bytes only if nothing is there; says which it was. */
  upload(key: string, file: string, contentType?: string): Promise<'created' | 'exists'>;
  /** Size in bytes and version id, without the bytes. */
  head(key: string): Promise<ObjectFacts | undefined>;
  put(key: string, bytes: Uint8Array | string, contentType?: string): Promise<void>;
  /** Writes only if nothing is there (`If-None-Match: *`); says which it was. */
  create(key: string, bytes: Uint8Array | string, contentType?: string): Promise<'created' | 'exists'>;
  /** Keys below a prefix in order, at most 1,000. */
  list(prefix: string): Promise<string[]>;
  /** One page of what is below a prefix, in order of the keys' bytes; at most 1,000 objects. */
  listPage(prefix: string, page?: PageWish): Promise<ObjectPage>;
}

export interface PageWish {
  /** Begins behind this key, which need not be there: where the page before ended. */
  after?: string;
  /** @default 1000 */
  limit?: number;
}

export interface ListedObject {
  key: string;
  bytes: number;
  modifiedAt: Date;
}

export interface ObjectPage {
  objects: ListedObject[];
  /** `after` of the next page; absent on the last one. */
  next?: string;
}

/** One stored version of an object; a delete marker is one too. */
export interface ObjectVersion {
  key: string;
  versionId: string;
}

/** A zone whose objects can be taken away for good. Deleting alone only hides an object of a versioned bucket. */
export interface ErasableObjects extends ObjectStore {
  /** Every version below a prefix: the newest, replaced ones and delete markers. */
  versionsBelow(prefix: string): Promise<ObjectVersion[]>;
  /** Takes these versions away, at most 1,000; what is gone already is fine. A version written later stays. */
  erase(versions: readonly ObjectVersion[]): Promise<void>;
}

export interface FileFacts {
  bytes: number;
  sha256: Digest;
}

export interface ObjectFacts {
  bytes: number;
  versionId?: string;
}

export const jsonBytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
export const parseJson = <T>(bytes: Uint8Array): T => JSON.parse(Buffer.from(bytes).toString('utf8')) as T;
