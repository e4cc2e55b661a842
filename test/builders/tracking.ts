import type { Clock } from '../../lambdas/shared/clock.ts';
import { datasetStore, platformRuns } from '../../lambdas/tracking/contract.ts';
import { proxiedLocation } from '../../lambdas/tracking/location.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';

/** A tracking table in memory, and the platform's own runs in it. */
export function aTracking(clock: Clock, locate = proxiedLocation, tracking = memoryTable()) {
  const datasets = datasetStore({ table: tracking, objects: memoryObjects('artifacts') });
  return { tracking, runs: platformRuns({ table: tracking, clock, locate, datasets }) };
}
