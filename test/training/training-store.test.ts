import { describe } from '@jest/globals';
import { memoryTable } from '../fakes/memory-table.ts';
import { runStoreContract } from './run-store.contract.ts';
import { specStoreContract } from './spec-store.contract.ts';

describe('specs in memory', () => specStoreContract(async () => memoryTable()));
describe('runs in memory', () => runStoreContract(async () => memoryTable()));
