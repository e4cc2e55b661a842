import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { runtimeEnv } from '../../shared/env.ts';
import { SharedErrors } from '../../shared/errors.ts';
import { ArtifactErrors } from '../artifact-errors.ts';
import type { ArtifactEntry, ArtifactStore, UploadedPart } from '../artifact-store.ts';

/** Path-style on the local cloud. Without a checksum of its own: the SDK would sign that of an empty body into URLs. */
const artifactsClient = (): S3Client =>
  new S3Client({
    forcePathStyle: runtimeEnv().AWS_ENDPOINT_URL !== undefined,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });

/** The artifacts zone on S3. What a URL may do is what its signer may do: S3 asks for it when the URL is used. */
export function s3Artifacts(bucket: string, client: S3Client = artifactsClient()): ArtifactStore {
  const at = (key: string) => ({ Bucket: bucket, Key: key });

  async function head(key: string) {
    const found = await client.send(new HeadObjectCommand(at(key))).catch(ifNamed(['NotFound', 'NoSuchKey']));
    return found && { bytes: found.ContentLength ?? 0, etag: found.ETag ?? '' };
  }

  async function keysBelow(prefix: string): Promise<string[]> {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
  }

  async function erase(keys: readonly string[]): Promise<void> {
    const Objects = keys.map((Key) => ({ Key }));
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors.filter(({ Code }) => Code !== 'NoSuchKey');
    if (first) throw SharedErrors.ServiceUnavailable(`${Errors.length} artifacts were not deleted: ${first.Code}`);
  }

  return translated({
    bucket,
    head,
    async get(key) {
      const found = await client.send(new GetObjectCommand(at(key))).catch(ifNamed(['NoSuchKey']));
      return found?.Body?.transformToByteArray();
    },
    async put(key, bytes, contentType) {
      await client.send(new PutObjectCommand({ ...at(key), Body: bytes, ContentType: contentType }));
    },
    async list(prefix, after) {
      const Prefix = `${prefix}/`;
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix, Delimiter: '/', ContinuationToken: after }),
      );
      const folders = (page.CommonPrefixes ?? []).map(
        ({ Prefix: at = '' }): ArtifactEntry => ({ name: at.slice(Prefix.length, -1), isFolder: true }),
      );
      const files = (page.Contents ?? []).map(
        ({ Key = '', Size = 0 }): ArtifactEntry => ({ name: Key.slice(Prefix.length), isFolder: false, bytes: Size }),
      );
      // Some tools write an empty object that stands for the folder itself.
      const entries = [...folders, ...files].filter(({ name }) => name !== '');
      return { entries, ...(page.IsTruncated && { next: page.NextContinuationToken }) };
    },
    async remove(key) {
      await erase([key]);
      for (let below = await keysBelow(`${key}/`); below.length > 0; below = await keysBelow(`${key}/`)) {
        await erase(below);
      }
    },
    presignGet(key, expiresIn, { contentType, disposition }) {
      const as = { ResponseContentType: contentType, ResponseContentDisposition: disposition };
      return getSignedUrl(client, new GetObjectCommand({ ...at(key), ...as }), { expiresIn });
    },
    presignPut: (key, expiresIn) => getSignedUrl(client, new PutObjectCommand(at(key)), { expiresIn }),
    async createMultipart(key, contentType) {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ ...at(key), ContentType: contentType }),
      );
      if (UploadId) return UploadId;
      throw SharedErrors.ServiceUnavailable('the upload in parts was not begun, try again');
    },
    presignPart(key, UploadId, PartNumber, expiresIn) {
      return getSignedUrl(client, new UploadPartCommand({ ...at(key), UploadId, PartNumber }), { expiresIn });
    },
    async completeMultipart(key, UploadId, parts) {
      const Parts = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag }));
      const command = new CompleteMultipartUploadCommand({ ...at(key), UploadId, MultipartUpload: { Parts } });
      try {
        await client.send(command);
      } catch (error) {
        const { name, message } = error as Error;
        if (PARTS_REFUSED.has(name)) {
          throw ArtifactErrors.PartsInvalid(`parts: S3 refuses them (${name}: ${message})`, { cause: error });
        }
        if (name !== 'NoSuchUpload') throw error;
        // Completed by a request whose answer was lost: then the object has exactly these parts.
        if ((await head(key))?.etag === etagOf(parts)) return;
        throw ArtifactErrors.MultipartMissing('upload_id: there is no such upload any more', { cause: error });
      }
    },
    async abortMultipart(key, UploadId) {
      await client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId })).catch(ifNamed(['NoSuchUpload']));
    },
  });
}

const PARTS_REFUSED = new Set(['EntityTooSmall', 'EntityTooLarge', 'InvalidPart', 'InvalidPartOrder', 'MalformedXML']);

/** S3's mark of an object of parts: the digest of their digests, and their number. */
function etagOf(parts: readonly UploadedPart[]): string {
  const digests = parts.map(({ etag }) => Buffer.from(etag.replaceAll('"', ''), 'hex'));
  return `"${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}"`;
}

/** Undefined for errors of these names; all others go on. */
const ifNamed =
  (names: readonly string[]) =>
  (error: Error): undefined => {
    if (!names.includes(error.name)) throw error;
  };

/** What passes by itself, in the platform's words: clients try again. */
function translated(store: ArtifactStore): ArtifactStore {
  const guarded = Object.entries(store).map(([name, member]: [string, unknown]) => {
    if (typeof member !== 'function') return [name, member];
    return [
      name,
      async (...args: unknown[]) => {
        try {
          return await (member as (...all: unknown[]) => Promise<unknown>)(...args);
        } catch (error) {
          const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
          if ($metadata?.httpStatusCode !== 503) throw error;
          throw SharedErrors.ServiceThrottled('the artifact store takes no more right now', { cause: error });
        }
      },
    ];
  });
  return Object.fromEntries(guarded) as ArtifactStore;
}
