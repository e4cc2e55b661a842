import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { driftCheckContract } from './drift-check.contract.ts';

driftCheckContract('tables in memory', async () => ({
  table: memoryTable(),
  windows: memoryTable(),
  bundles: memoryObjects('bundles'),
}));
