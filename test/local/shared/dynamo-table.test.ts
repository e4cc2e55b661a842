import { afterAll, beforeAll } from '@jest/globals';
import type { Table } from '../../../lambdas/shared/table.ts';
import { tableContract } from '../../shared/table.contract.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';
import { ownTable } from '../own-table.ts';

const { aws } = cloudUnderTest();
let table: Table;

beforeAll(async () => {
  table = await ownTable(aws.dynamodb);
});
afterAll(() => aws.destroy());

tableContract('DynamoDB', () => table);
