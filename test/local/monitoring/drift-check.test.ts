import { randomBytes } from 'node:crypto';
import { CreateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll } from '@jest/globals';
import { dynamoTable } from '../../../lambdas/shared/aws/dynamo-table.ts';
import { s3Objects } from '../../../lambdas/shared/aws/s3-objects.ts';
import { driftCheckContract } from '../../monitoring/drift-check.contract.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

const { aws } = cloudUnderTest();
afterAll(() => aws.destroy());

const named = (what: string) => `monitoring-${what}-${randomBytes(6).toString('hex')}`;

/** A table that no function reads: endpoint `rain` of the platform is another test's. */
async function emptyTable() {
  const TableName = named('table');
  await aws.dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    }),
  );
  await waitUntilTableExists({ client: aws.dynamodb, maxWaitTime: 30 }, { TableName });
  return dynamoTable(TableName, aws.dynamodb);
}

driftCheckContract('DynamoDB and S3', async () => {
  const Bucket = named('zone');
  const [table, windows] = await Promise.all([
    emptyTable(),
    emptyTable(),
    aws.s3.send(new CreateBucketCommand({ Bucket })),
  ]);
  return { table, windows, bundles: s3Objects(Bucket, aws.s3) };
});
