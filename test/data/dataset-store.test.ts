import { memoryTable } from '../fakes/memory-table.ts';
import { datasetStoreContract } from './dataset-store.contract.ts';

datasetStoreContract(async () => memoryTable());
