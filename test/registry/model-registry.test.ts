import { describe } from '@jest/globals';
import { memoryTable } from '../fakes/memory-table.ts';
import { modelRegistryContract } from './model-registry.contract.ts';

describe('models in memory', () => {
  modelRegistryContract(async () => memoryTable());
});
