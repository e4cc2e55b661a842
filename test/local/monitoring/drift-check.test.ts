import { randomBytes } from 'node:crypto';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll } from '@jest/globals';
import { s3Objects } from '../../../lambdas/shared/aws/s3-objects.ts';
import { driftCheckContract } from '../../monitoring/drift-check.contract.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';
import { ownTable } from '../own-table.ts';

const { aws } = cloudUnderTest();
afterAll(() => aws.destroy());

driftCheckContract('DynamoDB and S3', async () => {
  const Bucket = `monitoring-zone-${randomBytes(6).toString('hex')}`;
  const [table, windows] = await Promise.all([
    // Endpoint `rain` of the platform is another test's.
    ownTable(aws.dynamodb),
    ownTable(aws.dynamodb),
    aws.s3.send(new CreateBucketCommand({ Bucket })),
  ]);
  return { table, windows, bundles: s3Objects(Bucket, aws.s3) };
});
