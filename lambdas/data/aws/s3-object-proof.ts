import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { s3Client } from '../../shared/aws/s3-objects.ts';
import { hexOf } from '../../shared/digest.ts';
import type { PresignObject } from '../announce-objects.ts';
import type { ProveObject } from '../objects-check.ts';
import { presigningClient } from './s3-presign.ts';

const base64Of = (sha256: string) => Buffer.from(hexOf(sha256), 'hex').toString('base64');

/** Asks S3 for the checksum that it took when the object came; an object that came without one is read. */
export function s3ObjectProof(bucket: string, client: S3Client = s3Client()): ProveObject {
  return async (key, { sha256, bytes }) => {
    try {
      const { ContentLength, ChecksumSHA256, ChecksumType } = await client.send(
        new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }),
      );
      if (ContentLength !== bytes) return false;
      // A checksum of parts says nothing of the whole.
      if (ChecksumSHA256 && ChecksumType !== 'COMPOSITE') return ChecksumSHA256 === base64Of(sha256);
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const hash = createHash('sha256');
      for await (const chunk of Body as Readable) hash.update(chunk as Buffer);
      return hash.digest('hex') === hexOf(sha256);
    } catch (error) {
      if (error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey')) return false;
      throw error;
    }
  };
}

/** Length, digest and `If-None-Match` are part of the signature: S3 compares the bytes with the digest as they come. */
export function s3PresignObject(bucket: string, client: S3Client = presigningClient()): PresignObject {
  return async (key, { sha256, bytes }, expiresIn) => {
    const checksum = base64Of(sha256);
    const command = new PutObjectCommand({
      ...{ Bucket: bucket, Key: key, ContentLength: bytes, IfNoneMatch: '*' },
      ChecksumSHA256: checksum,
    });
    const url = await getSignedUrl(client, command, {
      expiresIn,
      unhoistableHeaders: new Set(['if-none-match', 'content-length', 'x-amz-checksum-sha256']),
    });
    const headers = { 'content-length': String(bytes), 'if-none-match': '*', 'x-amz-checksum-sha256': checksum };
    return { url, headers };
  };
}
