import { memoryTable } from '../fakes/memory-table.ts';
import { featureStoreContract } from './feature-store.contract.ts';

featureStoreContract(async () => memoryTable());
