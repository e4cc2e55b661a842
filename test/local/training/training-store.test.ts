import { describe } from '@jest/globals';
import type { Table } from '../../../lambdas/shared/table.ts';
import { runStoreContract } from '../../training/run-store.contract.ts';
import { specStoreContract } from '../../training/spec-store.contract.ts';
import { trainingCloud } from './training-cloud.ts';

// One table for all: every test has a workspace of its own.
let table: Promise<Table> | undefined;
const ownTable = () => {
  table ??= trainingCloud().ownTable();
  return table;
};

describe('specs in DynamoDB', () => specStoreContract(ownTable));
describe('runs in DynamoDB', () => runStoreContract(ownTable));
