import { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { hashedToFile } from '../../shared/aws/hashed-file.ts';
import { s3Client } from '../../shared/aws/s3-objects.ts';
import { SharedErrors } from '../../shared/errors.ts';
import type { FetchRaw } from '../ports.ts';

/** Streams an object, or a range of its bytes, to a file. */
export function s3Raw(bucket: string, client: S3Client = s3Client()): FetchRaw {
  return async ({ key, versionId, range }, file) => {
    let answer: GetObjectCommandOutput;
    try {
      answer = await client.send(
        new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          VersionId: versionId,
          // Of the last byte too in HTTP, unlike ours.
          Range: range && `bytes=${range.from}-${range.to - 1}`,
        }),
      );
    } catch (error) {
      if (error instanceof NoSuchKey || (error instanceof Error && error.name === 'NoSuchVersion')) return undefined;
      throw error;
    }
    try {
      return await hashedToFile((answer.Body as Readable | undefined) ?? Readable.from([]), file);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOSPC') throw cause;
      throw SharedErrors.ServiceUnavailable(`${key}: its bytes stopped coming: ${(cause as Error).message}`, { cause });
    }
  };
}
