import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import type { ObjectStore } from '../../shared/objects.ts';
import { datasetStore, type PlatformRuns, platformRuns, steadyTable } from '../../tracking/contract.ts';

/** MLflow runs of the tracking table. */
export function trackedRuns(tableName: string, objects: ObjectStore): PlatformRuns {
  const table = steadyTable(dynamoTable(tableName));
  // A dataset version's description is short: it never becomes an object.
  return platformRuns({ table, clock: systemClock, datasets: datasetStore({ table, objects }) });
}
