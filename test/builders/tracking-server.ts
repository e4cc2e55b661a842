import { randomUUID } from 'node:crypto';
import type { ObjectStore } from '../../lambdas/shared/objects.ts';
import type { Role } from '../../lambdas/shared/route.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { artifactOwners } from '../../lambdas/tracking/artifact-owners.ts';
import { announcer } from '../../lambdas/tracking/change-log.ts';
import { datasetStore } from '../../lambdas/tracking/dataset-store.ts';
import { proxiedLocation } from '../../lambdas/tracking/location.ts';
import { parseJson, writeJson } from '../../lambdas/tracking/mlflow-json.ts';
import { modelIndex } from '../../lambdas/tracking/model-index.ts';
import { versionSources } from '../../lambdas/tracking/registry-sources.ts';
import { RunIndexes } from '../../lambdas/tracking/run-indexes.ts';
import { newRunName } from '../../lambdas/tracking/run-name.ts';
import { steadyTable } from '../../lambdas/tracking/steady-table.ts';
import { tableIndexSource } from '../../lambdas/tracking/table-index-source.ts';
import { trackingApi } from '../../lambdas/tracking/tracking-api.ts';
import { workspaceCheck } from '../../lambdas/tracking/workspace.ts';
import { memoryArtifacts } from '../fakes/memory-artifacts.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { anApiEvent } from './api-event.ts';

export interface TrackingAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an answer is JSON of any shape, which the test states
  body: any;
  headers: Record<string, unknown>;
  text: string;
}

export interface TrackingCall {
  roles?: readonly Role[];
  workspaces?: readonly string[];
  workspace?: string;
  headers?: Record<string, string>;
}

export interface TrackingServerOptions {
  table?: Table;
  catalogue?: Table;
  objects?: ObjectStore;
  clock?: () => Date;
  openWorkspaces?: boolean;
}

/** The whole tracking API over memory: `call('POST', '/api/2.0/mlflow/runs/create', { … })`. */
export function trackingServer({
  table = memoryTable(),
  catalogue = memoryTable(),
  objects = memoryObjects(),
  clock = () => new Date(),
  openWorkspaces = true,
}: TrackingServerOptions = {}) {
  const steady = steadyTable(table, { sleep: async () => {} });
  const announce = announcer(steady, clock);
  const steadyCatalogue = steadyTable(catalogue, { sleep: async () => {} });
  const deps = {
    tracking: {
      table: steady,
      clock,
      announce,
      newRunId: () => randomUUID().replaceAll('-', ''),
      newRunName,
      datasets: datasetStore({ table: steady, objects, retry: { sleep: async () => {} } }),
      models: modelIndex(steady, clock),
      indexes: new RunIndexes({
        source: tableIndexSource({ table: steady, clock, objects: objects as ObjectStore }),
        clock,
        budgetBytes: 100_000_000,
        onSnapshotFailure: () => {},
      }),
      locate: proxiedLocation,
    },
    artifacts: { artifacts: memoryArtifacts(), owners: artifactOwners(steady, steadyCatalogue) },
    registry: {
      catalogue: steadyCatalogue,
      sources: versionSources({ table: steady, announce, bucket: 'artifacts' }),
      clock,
      newId: randomUUID,
    },
    requireKnown: workspaceCheck(steady, openWorkspaces),
  };
  const handler = trackingApi(() => deps, { info: () => {}, error: () => {} });
  const call = async (
    method: string,
    path: string,
    input: Record<string, unknown> | string = {},
    { roles = ['scientist'], workspaces = ['*'], workspace, headers = {} }: TrackingCall = {},
  ): Promise<TrackingAnswer> => {
    const prefix = workspace === undefined ? '/tracking' : `/tracking/t/${workspace}`;
    const event = anApiEvent({
      method,
      path: `${prefix}${path}`,
      caller: { roles: roles.join(','), workspaces: workspaces.join(',') },
      headers,
      ...(method === 'GET' && typeof input !== 'string'
        ? { query: input as Record<string, string | string[]> }
        : { body: typeof input === 'string' ? input : writeJson(input) }),
    });
    const { statusCode, body, headers: answered = {} } = await handler(event);
    const isJson = String(answered['content-type'] ?? '').startsWith('application/json');
    return { status: statusCode, body: isJson ? parseJson(body) : undefined, headers: answered, text: body };
  };
  const mlflow = (method: string, path: string, input?: Record<string, unknown> | string, options?: TrackingCall) =>
    call(method, `/api/2.0/mlflow/${path}`, input, options);
  return { call, mlflow, table: steady, objects };
}
