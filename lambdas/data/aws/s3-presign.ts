import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { runtimeEnv } from '../../shared/env.ts';
import type { PresignPut } from '../ports.ts';

/** Without a checksum of its own: by default the SDK would sign the checksum of an empty body into the URL. */
export const presigningClient = (): S3Client =>
  new S3Client({
    forcePathStyle: runtimeEnv().AWS_ENDPOINT_URL !== undefined,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });

/** Length and `If-None-Match` are part of the signature: exactly these bytes, once, or S3 refuses. */
export function s3Presign(bucket: string, client = presigningClient()): PresignPut {
  return async (key, bytes, expiresIn) => {
    const command = new PutObjectCommand({ Bucket: bucket, Key: key, ContentLength: bytes, IfNoneMatch: '*' });
    const url = await getSignedUrl(client, command, {
      expiresIn,
      unhoistableHeaders: new Set(['if-none-match', 'content-length']),
    });
    return { url, headers: { 'content-length': String(bytes), 'if-none-match': '*' } };
  };
}
