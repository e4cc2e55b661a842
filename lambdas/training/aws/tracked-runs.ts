import type * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import {
  datasetStore,
  experimentLocation,
  type PlatformRuns,
  platformRuns,
  steadyTable,
} from '../../tracking/contract.ts';
import type { TrackedRunsEnv } from '../contract.ts';

/** MLflow runs of the tracking table. */
export function trackedRuns(env: z.output<typeof TrackedRunsEnv>): PlatformRuns {
  const table = steadyTable(dynamoTable(env.TRACKING_TABLE));
  const bucket = env.ARTIFACTS_BUCKET;
  return platformRuns({
    table,
    clock: systemClock,
    locate: (workspace, experimentId) => experimentLocation(env.ARTIFACT_ACCESS, { workspace, bucket }, experimentId),
    // A dataset version's description is short: it never becomes an object.
    datasets: datasetStore({ table, objects: s3Objects(bucket) }),
  });
}
