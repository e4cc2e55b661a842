import { CreateTableCommand, DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from '@jest/globals';
import { dynamoTable } from '../../../lambdas/shared/aws/dynamo-table.ts';
import { newId } from '../../../lambdas/shared/ids.ts';
import { tableContract } from '../../shared/table.contract.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

const { aws } = cloudUnderTest();
const TableName = `contract-${newId()}`;

beforeAll(async () => {
  await aws.dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
});
afterAll(async () => {
  await aws.dynamodb.send(new DeleteTableCommand({ TableName }));
  aws.destroy();
});

tableContract('DynamoDB', () => dynamoTable(TableName, aws.dynamodb));
