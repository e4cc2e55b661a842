import { AwsClient } from 'aws4fetch';
import { type BundleFile, bundleKey } from '../../registry/contract.ts';
import type { Digest } from '../../shared/digest.ts';
import { runtimeEnv } from '../../shared/env.ts';
import { ServingErrors } from '../errors.ts';

/**
 * Reads a bundle's files from S3 with signed requests of its own: the SDK's S3 client alone costs a cold start more than
 * all of onnxruntime does (53-127 ms against 28).
 */
export function bundleReader(bucket: string, workspace: string, digest: Digest) {
  const env = runtimeEnv();
  const client = new AwsClient({
    accessKeyId: env.AWS_ACCESS_KEY_ID,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
    sessionToken: env.AWS_SESSION_TOKEN,
    region: env.AWS_REGION,
    service: 's3',
    retries: 4,
  });
  // An endpoint of our own (the local cloud) has no bucket host names, so it is spoken to path-style.
  const origin = env.AWS_ENDPOINT_URL
    ? `${env.AWS_ENDPOINT_URL}/${bucket}`
    : `https://${bucket}.s3.${env.AWS_REGION}.amazonaws.com`;
  return async (file: BundleFile): Promise<Uint8Array | undefined> => {
    const key = bundleKey(workspace, digest, file);
    const unreachable = (why: string, cause?: unknown) =>
      ServingErrors.BundleUnreachable(`bundle ${digest}: ${file} could not be read: ${why}`, { cause });
    const response = await client.fetch(`${origin}/${key}`).catch((cause: Error) => {
      throw unreachable(cause.message, cause);
    });
    if (response.status === 404) return undefined;
    if (!response.ok) throw unreachable(`S3 answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  };
}
