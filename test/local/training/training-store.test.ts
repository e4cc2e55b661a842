import { describe } from '@jest/globals';
import type { Table } from '../../../lambdas/shared/table.ts';
import { runStoreContract } from '../../training/run-store.contract.ts';
import { specStoreContract } from '../../training/spec-store.contract.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';
import { ownTable } from '../own-table.ts';

// One table for all: every test has a workspace of its own.
let table: Promise<Table> | undefined;
const oneTable = () => {
  table ??= ownTable(cloudUnderTest().aws.dynamodb);
  return table;
};

describe('specs in DynamoDB', () => specStoreContract(oneTable));
describe('runs in DynamoDB', () => runStoreContract(oneTable));
