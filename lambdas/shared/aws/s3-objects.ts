import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { runtimeEnv } from '../env.ts';
import type { ObjectStore } from '../objects.ts';
import { retrying } from '../retry.ts';
import { hashedToFile } from './hashed-file.ts';

/** An endpoint of our own (the local cloud) has no bucket host names, so it is spoken to path-style. */
export const s3Client = (): S3Client => new S3Client({ forcePathStyle: runtimeEnv().AWS_ENDPOINT_URL !== undefined });

/** A larger file is sent as it is read. */
const MAX_HELD_BYTES = 16 * 1024 ** 2;

/** One bucket behind the object port. */
export function s3Objects(bucket: string, client = s3Client()): ObjectStore {
  const put = (key: string, bytes: Uint8Array | string, contentType = 'application/octet-stream', isOnce = false) =>
    client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: bytes,
        ContentType: contentType,
        ...(isOnce && { IfNoneMatch: '*' }),
      }),
    );
  return {
    bucket,
    async get(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await Body?.transformToByteArray();
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async download(key, file) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await hashedToFile((Body as Readable | undefined) ?? Readable.from([]), file);
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async upload(key, file, contentType = 'application/octet-stream') {
      const { size } = await stat(file);
      const streams = size > MAX_HELD_BYTES;
      const input = { Bucket: bucket, Key: key, ContentLength: size, ContentType: contentType, IfNoneMatch: '*' };
      // Anew for each attempt: a stream that was read cannot be sent again, so the SDK does not try to.
      const send = async () => {
        const Body = streams ? createReadStream(file) : await readFile(file);
        return client.send(new PutObjectCommand({ ...input, Body }));
      };
      return once(send, (error) => streams && (statusOf(error) ?? 500) >= 500);
    },
    async head(key) {
      try {
        const { ContentLength, VersionId } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        return { bytes: ContentLength ?? 0, versionId: VersionId };
      } catch (error) {
        if (error instanceof NotFound || (error instanceof Error && error.name === 'NotFound')) return undefined;
        throw error;
      }
    },
    async put(key, bytes, contentType) {
      await put(key, bytes, contentType);
    },
    async create(key, bytes, contentType) {
      return once(() => put(key, bytes, contentType, true));
    },
    async list(prefix) {
      const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      return (Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
    },
    async listPage(prefix, { after, limit } = {}) {
      const input = { Bucket: bucket, Prefix: prefix, StartAfter: after, MaxKeys: limit };
      const { Contents, IsTruncated } = await client.send(new ListObjectsV2Command(input));
      const objects = (Contents ?? []).flatMap(({ Key, Size, LastModified }) =>
        Key === undefined ? [] : [{ key: Key, bytes: Size ?? 0, modifiedAt: LastModified ?? new Date() }],
      );
      return { objects, ...(IsTruncated && { next: objects.at(-1)?.key }) };
    },
  };
}

/** A put under `If-None-Match: *`. */
async function once(
  put: () => Promise<unknown>,
  passing: (error: unknown) => boolean = () => false,
): Promise<'created' | 'exists'> {
  try {
    // 409: another writer is at it right now. It may still fail, so only S3's next answer says what is there.
    await retrying(put, (error) => statusOf(error) === 409 || passing(error));
    return 'created';
  } catch (error) {
    if (statusOf(error) === 412) return 'exists';
    throw error;
  }
}

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
