import { randomBytes } from 'node:crypto';
import { CreateTableCommand, type DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { dynamoTable } from '../../lambdas/shared/aws/dynamo-table.ts';
import type { Table } from '../../lambdas/shared/table.ts';

/** A table of a test's own, which no function reads. */
export async function ownTable(dynamodb: DynamoDBClient): Promise<Table> {
  const TableName = `test-${randomBytes(6).toString('hex')}`;
  await dynamodb.send(
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
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 30 }, { TableName });
  return dynamoTable(TableName, dynamodb);
}
