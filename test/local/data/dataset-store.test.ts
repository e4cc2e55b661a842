import type { Table } from '../../../lambdas/shared/table.ts';
import { datasetStoreContract } from '../../data/dataset-store.contract.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';
import { ownTable } from '../own-table.ts';

let table: Promise<Table> | undefined;

// One table for all: every test has a workspace of its own.
datasetStoreContract(() => {
  table ??= ownTable(cloudUnderTest().aws.dynamodb);
  return table;
});
