import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type GetObjectCommandOutput, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { s3Client } from '../../shared/aws/s3-objects.ts';
import type { FetchRaw } from '../ports.ts';

/** Streams an object to a file, hashed on the way: memory stays flat whatever its size. */
export function s3Raw(bucket: string, client: S3Client = s3Client()): FetchRaw {
  return async ({ key, versionId }, file) => {
    let answer: GetObjectCommandOutput;
    try {
      answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    } catch (error) {
      if (error instanceof NoSuchKey || (error instanceof Error && error.name === 'NoSuchVersion')) return undefined;
      throw error;
    }
    const hash = createHash('sha256');
    let bytes = 0;
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        bytes += chunk.length;
        done(null, chunk);
      },
    });
    await pipeline((answer.Body as Readable | undefined) ?? Readable.from([]), hashing, createWriteStream(file));
    return { bytes, sha256: `sha256:${hash.digest('hex')}` };
  };
}
