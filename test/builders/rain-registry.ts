import { memoryTable } from '../fakes/memory-table.ts';
import { aRegistryApi, memorySources, type RegistryApi } from './registry-api.ts';

export const RUN = 'a'.repeat(32);
export const MODEL = `m-${'b'.repeat(32)}`;

/** An API with a run, a logged model of it, and the registered model `rain`. */
export async function rain(): Promise<RegistryApi> {
  const api = aRegistryApi(
    memoryTable(),
    memorySources(
      { [RUN]: `mlflow-artifacts:/1/${RUN}/artifacts` },
      { [MODEL]: { artifactUri: `mlflow-artifacts:/1/models/${MODEL}/artifacts`, sourceRunId: RUN } },
    ),
  );
  await api.call('registered-models/create', { method: 'POST', body: { name: 'rain' } });
  return api;
}

export const post = ({ call }: RegistryApi, path: string, body: object, roles?: string) =>
  call(path, { method: 'POST', body, ...(roles && { roles }) });
export const version = (api: RegistryApi, more: object = {}) =>
  post(api, 'model-versions/create', { name: 'rain', source: `models:/${MODEL}`, model_id: MODEL, ...more });
export const get = ({ call }: RegistryApi, path: string, query: Record<string, string | string[]>) =>
  call(path, { query });
