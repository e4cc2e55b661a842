import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { s3Erasable } from '../../../lambdas/shared/aws/s3-erasable.ts';
import { s3Objects } from '../../../lambdas/shared/aws/s3-objects.ts';
import { newId } from '../../../lambdas/shared/ids.ts';
import { erasableContract, objectsContract } from '../../shared/objects.contract.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

const { aws } = cloudUnderTest();
const Bucket = `contract-${newId()}`;

// The bucket goes with the cloud: an emulator lives as long as its tests.
beforeAll(async () => {
  await aws.s3.send(new CreateBucketCommand({ Bucket }));
  // As every zone is.
  await aws.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
});
afterAll(() => aws.destroy());

objectsContract('S3', () => s3Objects(Bucket, aws.s3));
erasableContract('S3', () => s3Erasable(Bucket, aws.s3));

test('S3 passes on what is neither a missing object nor a lost race', async () => {
  const nowhere = s3Objects(`${Bucket}-that-is-not-there`, aws.s3);
  await expect(nowhere.put('key', 'text')).rejects.toMatchObject({ name: 'NoSuchBucket' });
});
