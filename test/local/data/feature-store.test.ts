import type { Table } from '../../../lambdas/shared/table.ts';
import { featureStoreContract } from '../../data/feature-store.contract.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';
import { ownTable } from '../own-table.ts';

let table: Promise<Table> | undefined;

// One table for all: every test has a workspace of its own.
featureStoreContract(() => {
  table ??= ownTable(cloudUnderTest().aws.dynamodb);
  return table;
});
