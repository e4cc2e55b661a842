import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { s3Client } from '../../shared/aws/s3-objects.ts';
import type { PresignGet } from '../feature-joins.ts';

/** URLs that read one object of a zone each, for a while; what they may is what their signer may. */
export function s3PresignGet(bucket: string, client = s3Client()): PresignGet {
  return (key, expiresIn) => getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn });
}
