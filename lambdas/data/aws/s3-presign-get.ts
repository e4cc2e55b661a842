import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { s3Client } from '../../shared/aws/s3-objects.ts';
import type { PresignGet } from '../ports.ts';

/** What the URL may do is what its signer may do: signing is no permission, S3 asks for it when the URL is used. */
export function s3PresignGet(bucket: string, client: S3Client = s3Client()): PresignGet {
  return (key, expiresIn) => getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn });
}
