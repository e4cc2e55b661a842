import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { api } from '../../shared/api.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import { readEnv } from '../../shared/env.ts';
import { jsonLogger } from '../../shared/logger.ts';
import { artifactOwners } from '../artifact-owners.ts';
import { experimentLocation } from '../artifact-path.ts';
import { s3Artifacts } from '../aws/s3-artifacts.ts';
import { steadyDynamoTable } from '../aws/steady-dynamo-table.ts';
import { announcer } from '../change-log.ts';
import { TrackingApiEnv, TrackingRoutes } from '../contract.ts';
import { datasetStore } from '../dataset-store.ts';
import { modelIndex } from '../model-index.ts';
import { versionSources } from '../registry-sources.ts';
import { RunIndexes } from '../run-indexes.ts';
import { newRunName } from '../run-name.ts';
import { tableIndexSource } from '../table-index-source.ts';
import { type TrackingApiDeps, trackingApi } from '../tracking-api.ts';
import { workspaceCheck } from '../workspace.ts';
import { createWorkspaceEndpoint } from './create-workspace.ts';
import { listWorkspacesEndpoint } from './list-workspaces.ts';

/** Of the function's memory: what search indexes may take of its gigabyte. */
const INDEX_BYTES = 500_000_000;

function wire(): TrackingApiDeps {
  const env = readEnv(TrackingApiEnv);
  const table = steadyDynamoTable(env.TRACKING_TABLE);
  const objects = s3Objects(env.ARTIFACTS_BUCKET);
  const catalogue = steadyDynamoTable(env.CATALOGUE_TABLE);
  const announce = announcer(table, systemClock);
  return {
    tracking: {
      table,
      clock: systemClock,
      announce,
      newRunId: () => randomUUID().replaceAll('-', ''),
      newRunName,
      locate: (workspace, experimentId) =>
        experimentLocation(env.ARTIFACT_ACCESS, { workspace, bucket: env.ARTIFACTS_BUCKET }, experimentId),
      datasets: datasetStore({ table, objects }),
      models: modelIndex(table, systemClock),
      indexes: new RunIndexes({
        source: tableIndexSource({ table, clock: systemClock, objects }),
        clock: systemClock,
        budgetBytes: INDEX_BYTES,
        onSnapshotFailure: (experiment, error) =>
          jsonLogger.error('snapshot', {
            ...experiment,
            reason: error instanceof Error ? error.message : String(error),
          }),
      }),
    },
    artifacts: { artifacts: s3Artifacts(env.ARTIFACTS_BUCKET), owners: artifactOwners(table, catalogue) },
    registry: {
      catalogue,
      sources: versionSources({ table, announce, bucket: env.ARTIFACTS_BUCKET }),
      clock: systemClock,
      newId: randomUUID,
    },
    requireKnown: workspaceCheck(table, env.OPEN_WORKSPACES === 'true'),
    iamCallers: env.IAM_CALLERS,
  };
}

let wired: TrackingApiDeps | undefined;

const mlflow = trackingApi(() => {
  wired ??= wire();
  return wired;
});

const platform = api([createWorkspaceEndpoint, listWorkspacesEndpoint]).lambda();

/** MLflow's API, and beside it the platform's own verbs. */
export const handler = (event: APIGatewayProxyEvent, context: Context): Promise<APIGatewayProxyResult> =>
  event.path === TrackingRoutes.createWorkspace.path ? platform(event, context) : mlflow(event);
