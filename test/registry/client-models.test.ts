import { describe } from '@jest/globals';
import { memoryTable } from '../fakes/memory-table.ts';
import { clientModelsContract } from './client-models.contract.ts';

describe('models and versions made with a client, in memory', () => {
  clientModelsContract(async () => memoryTable());
});
