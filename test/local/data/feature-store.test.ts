import type { Table } from '../../../lambdas/shared/table.ts';
import { featureStoreContract } from '../../data/feature-store.contract.ts';
import { dataCloud } from './data-cloud.ts';

let table: Promise<Table> | undefined;

// One table for all: every test has a workspace of its own.
featureStoreContract(() => {
  table ??= dataCloud().ownTable();
  return table;
});
