import type { Table } from '../../lambdas/shared/table.ts';
import { isOwnLocation } from '../../lambdas/tracking/artifact-path.ts';
import { mlflowApi, mount } from '../../lambdas/tracking/mlflow-api.ts';
import type { MlflowRoute } from '../../lambdas/tracking/mlflow-route.ts';
import type { LoggedModelSource, RegistryDeps } from '../../lambdas/tracking/registry-deps.ts';
import type { ModelVersionEntity, RegisteredModelEntity } from '../../lambdas/tracking/registry-entities.ts';
import { registryRoutes } from '../../lambdas/tracking/registry-routes.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { anApiEvent } from './api-event.ts';

/** Runs and logged models as the registry asks for them, in memory. */
export function memorySources(
  runs: Record<string, string> = {},
  models: Record<string, LoggedModelSource> = {},
): RegistryDeps['sources'] & { recorded: Map<string, { name: string; version: string }[]> } {
  const recorded = new Map<string, { name: string; version: string }[]>();
  return {
    recorded,
    isOwn: (workspace, uri) => isOwnLocation(uri, { workspace, bucket: 'artifacts' }),
    runArtifacts: async (_workspace, runId) => runs[runId],
    loggedModel: async (_workspace, modelId) => models[modelId],
    recordVersion: async (_workspace, modelId, version) => {
      recorded.set(modelId, [...(recorded.get(modelId) ?? []), version]);
    },
  };
}

interface Call {
  method?: string;
  query?: Record<string, string | string[]>;
  body?: unknown;
  roles?: string;
  workspace?: string;
}

/** As much of an answer as tests look into; every field may be absent. */
export interface Answer {
  error_code?: string;
  message?: string;
  name?: string;
  registered_model?: RegisteredModelEntity;
  registered_models?: RegisteredModelEntity[];
  model_version?: ModelVersionEntity;
  model_versions?: ModelVersionEntity[];
  artifact_uri?: string;
  next_page_token?: string;
}

export interface RegistryApi {
  catalogue: Table;
  sources: ReturnType<typeof memorySources>;
  /** Moves the clock on by a second. */
  later: () => void;
  call: (path: string, call?: Call) => Promise<{ status: number; body: Answer }>;
}

/** MLflow's registry over a table, as one client calls it. */
export function aRegistryApi(
  catalogue: Table = memoryTable(),
  sources: ReturnType<typeof memorySources> = memorySources(),
): RegistryApi {
  let now = Date.parse('2026-01-06T09:00:00.000Z');
  let ids = 0;
  const deps: RegistryDeps = { catalogue, sources, clock: () => new Date(now), newId: () => `id-${++ids}` };
  const handler = mlflowApi({
    routes: mount(registryRoutes as MlflowRoute<RegistryDeps>[], () => deps),
    requireKnown: async () => {},
    logger: { info: () => {}, error: () => {} } as never,
  });
  return {
    catalogue,
    sources,
    later: () => {
      now += 1000;
    },
    call: async (path, { method = 'GET', query, body, roles = 'scientist', workspace } = {}) => {
      const at = `/tracking${workspace ? `/t/${workspace}` : ''}/api/2.0/mlflow/${path}`;
      const event = anApiEvent({ method, path: at, body, caller: { roles } });
      event.multiValueQueryStringParameters =
        query === undefined
          ? null
          : Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value].flat()]));
      const answer = await handler(event);
      return { status: answer.statusCode, body: JSON.parse(answer.body) };
    },
  };
}
