import { randomUUID } from 'node:crypto';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { systemClock } from '../../shared/clock.ts';
import { readEnv } from '../../shared/env.ts';
import { TrackingApiEnv } from '../contract.ts';
import { proxiedLocation } from '../location.ts';
import { newRunName } from '../run-name.ts';
import { announcer } from '../run-store.ts';
import { steadyTable } from '../steady-table.ts';
import { type TrackingApiDeps, trackingApi } from '../tracking-api.ts';
import { workspaceCheck } from '../workspace.ts';

function wire(): TrackingApiDeps {
  const env = readEnv(TrackingApiEnv);
  const table = steadyTable(dynamoTable(env.TRACKING_TABLE));
  return {
    tracking: {
      table,
      clock: systemClock,
      announce: announcer(table, systemClock),
      newRunId: () => randomUUID().replaceAll('-', ''),
      newRunName,
      locate: proxiedLocation,
    },
    requireKnown: workspaceCheck(table, env.OPEN_WORKSPACES === 'true'),
    iamCallers: env.IAM_CALLERS,
  };
}

let wired: TrackingApiDeps | undefined;

export const handler = trackingApi(() => {
  wired ??= wire();
  return wired;
});
