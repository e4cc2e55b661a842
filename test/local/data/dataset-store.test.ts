import type { Table } from '../../../lambdas/shared/table.ts';
import { datasetStoreContract } from '../../data/dataset-store.contract.ts';
import { dataCloud } from './data-cloud.ts';

let table: Promise<Table> | undefined;

// One table for all: every test has a workspace of its own.
datasetStoreContract(() => {
  table ??= dataCloud().ownTable();
  return table;
});
