import { randomUUID } from 'node:crypto';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import { readEnv } from '../../shared/env.ts';
import { artifactOwners } from '../artifact-owners.ts';
import { experimentLocation } from '../artifact-path.ts';
import { s3Artifacts } from '../aws/s3-artifacts.ts';
import { TrackingApiEnv } from '../contract.ts';
import { datasetStore } from '../dataset-store.ts';
import { modelIndex } from '../model-index.ts';
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
      locate: (workspace, experimentId) =>
        experimentLocation(env.ARTIFACT_ACCESS, { workspace, bucket: env.ARTIFACTS_BUCKET }, experimentId),
      datasets: datasetStore({ table, objects: s3Objects(env.ARTIFACTS_BUCKET) }),
      models: modelIndex(table, systemClock),
    },
    artifacts: { artifacts: s3Artifacts(env.ARTIFACTS_BUCKET), owners: artifactOwners(table) },
    requireKnown: workspaceCheck(table, env.OPEN_WORKSPACES === 'true'),
    iamCallers: env.IAM_CALLERS,
  };
}

let wired: TrackingApiDeps | undefined;

export const handler = trackingApi(() => {
  wired ??= wire();
  return wired;
});
