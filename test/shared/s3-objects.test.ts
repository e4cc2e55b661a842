import type { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { s3Objects } from '../../lambdas/shared/aws/s3-objects.ts';

/** S3 that answers one PUT after the other with these statuses. */
function answering(...statuses: number[]) {
  const asked: unknown[] = [];
  const send = async ({ input }: { input: unknown }) => {
    asked.push(input);
    const status = statuses.shift() ?? 200;
    if (status !== 200) throw Object.assign(new Error(`status ${status}`), { $metadata: { httpStatusCode: status } });
    return {};
  };
  return { asked, objects: s3Objects('zone', { send } as unknown as S3Client) };
}

describe('an object that is written once', () => {
  test('is said to exist only by a write that found it', async () => {
    await expect(answering(412).objects.create('key', 'text')).resolves.toBe('exists');
    await expect(answering(409, 412).objects.create('key', 'text')).resolves.toBe('exists');
  });

  test('is written where the other writer failed after all', async () => {
    const { objects, asked } = answering(409, 409, 200);
    await expect(objects.create('key', 'text')).resolves.toBe('created');
    expect(asked).toHaveLength(3);
    expect(asked[2]).toMatchObject({ Key: 'key', IfNoneMatch: '*' });
  });

  test('is not said to be there while writers are at it for too long', async () => {
    const { objects } = answering(...Array(20).fill(409));
    await expect(objects.create('key', 'text')).rejects.toThrow('status 409');
  });
});
