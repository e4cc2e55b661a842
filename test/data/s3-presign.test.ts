import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { s3Presign } from '../../lambdas/data/aws/s3-presign.ts';

const client = new S3Client({
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  requestChecksumCalculation: 'WHEN_REQUIRED',
});

describe('a presigned upload', () => {
  const upload = s3Presign('raw', client)('default/weather/2026-01-05/u/a.csv', 42, 900);

  test('binds bucket, key, length, write-once and time, and signs no checksum of an empty body', async () => {
    const url = new URL((await upload).url);
    expect(url.host).toBe('raw.s3.eu-central-1.amazonaws.com');
    expect(url.pathname).toBe('/default/weather/2026-01-05/u/a.csv');
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host;if-none-match');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('900');
    expect([...url.searchParams.keys()].filter((key) => /checksum/i.test(key))).toEqual([]);
  });

  test('says which headers to send', async () => {
    expect((await upload).headers).toEqual({ 'content-length': '42', 'if-none-match': '*' });
  });
});
