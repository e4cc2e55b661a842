/** The port to the zone that MLflow's files lie in: S3 on AWS, a map in tests. Keys are checked before they come here. */
export interface ArtifactStore {
  readonly bucket: string;
  /** Size in bytes, and S3's mark of the content. */
  head(key: string): Promise<{ bytes: number; etag: string } | undefined>;
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** One page of what lies directly in the folder `prefix` (without its closing slash); at most 1,000 entries. */
  list(prefix: string, after?: string): Promise<ArtifactPage>;
  /** Takes away the object of this key and all that lies below it as a folder; what is gone already is fine. */
  remove(key: string): Promise<void>;
  /** A URL by which anybody reads the object for so many seconds, as an attachment of this type. */
  presignGet(key: string, seconds: number, as: { contentType: string; disposition: string }): Promise<string>;
  /** A URL by which anybody writes the object for so many seconds. */
  presignPut(key: string, seconds: number): Promise<string>;
  /** Begins an upload in parts, and answers its id. */
  createMultipart(key: string, contentType: string): Promise<string>;
  presignPart(key: string, uploadId: string, partNumber: number, seconds: number): Promise<string>;
  /**
   * Makes the parts one object. The same parts a second time are fine.
   * @throws MultipartMissing, PartsInvalid
   */
  completeMultipart(key: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void>;
  /** Gives the parts up; what is gone already is fine. */
  abortMultipart(key: string, uploadId: string): Promise<void>;
}

export interface UploadedPart {
  partNumber: number;
  etag: string;
}

/** A file or folder by its name in the folder that was asked for. */
export type ArtifactEntry = { name: string; isFolder: true } | { name: string; isFolder: false; bytes: number };

export interface ArtifactPage {
  entries: ArtifactEntry[];
  /** `after` of the next page; absent on the last one. */
  next?: string;
}
