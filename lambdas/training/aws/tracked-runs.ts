import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { type PlatformRuns, platformRuns, steadyTable } from '../../tracking/contract.ts';

/** MLflow runs of the tracking table. */
export const trackedRuns = (tableName: string): PlatformRuns =>
  platformRuns({ table: steadyTable(dynamoTable(tableName)), clock: systemClock });
