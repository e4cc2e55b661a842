import { describe } from '@jest/globals';
import { memoryTable } from '../fakes/memory-table.ts';
import { clientModelChangesContract } from './client-model-changes.contract.ts';
import { clientModelsContract } from './client-models.contract.ts';

describe('models and versions made with a client, in memory', () => {
  clientModelsContract(async () => memoryTable());
  clientModelChangesContract(async () => memoryTable());
});
