import { duckdbCheckSql } from '../../lambdas/data/aws/duckdb-features.ts';
import { duckdbJoin } from '../../lambdas/data/aws/duckdb-join.ts';
import { duckdbOnline } from '../../lambdas/data/aws/duckdb-online.ts';
import type { WorkflowExecution, WorkflowExecutions } from '../../lambdas/data/feature-joins.ts';
import { joinFeatures } from '../../lambdas/data/feature-joins.ts';
import { applyFeaturesEndpoint } from '../../lambdas/data/handlers/apply-features.ts';
import { computeFeaturesTask } from '../../lambdas/data/handlers/compute-features.ts';
import { createSpineEndpoint } from '../../lambdas/data/handlers/create-spine.ts';
import { findFeaturesTask } from '../../lambdas/data/handlers/find-features.ts';
import { finishFeaturesTask } from '../../lambdas/data/handlers/finish-features.ts';
import { listFeaturesEndpoint } from '../../lambdas/data/handlers/list-features.ts';
import { readFeaturesEndpoint } from '../../lambdas/data/handlers/read-features.ts';
import { recordFeaturesFailureTask } from '../../lambdas/data/handlers/record-features-failure.ts';
import { showFeaturesEndpoint } from '../../lambdas/data/handlers/show-features.ts';
import { showJoinEndpoint } from '../../lambdas/data/handlers/show-join.ts';
import { startJoinEndpoint } from '../../lambdas/data/handlers/start-join.ts';
import { writeFeaturesTask } from '../../lambdas/data/handlers/write-features.ts';
import type { SplitName } from '../../lambdas/data/manifest.ts';
import { api } from '../../lambdas/shared/api.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { runWorkflow } from '../fakes/workflow.ts';
import { type ApiEventParts, anApiEvent } from './api-event.ts';
import { aCuratedFile, aManifest, type Row } from './curated.ts';
import { datasetVersions } from './dataset-versions.ts';

export const FEATURES = {
  schema: 'millrace/features/1',
  set: 'tills',
  dataset: 'visits',
  owner: 'tests',
  entity: ['shop', 'till'],
  timestamp: 'at',
  features: {
    visits: { sql: 'count(*)', window: '1d', type: 'integer' },
    last: { sql: 'ln(amount)', type: 'double' },
  },
};

type JoinAsked = Parameters<typeof joinFeatures> extends [unknown, ...infer Asked] ? Asked : never;
type Trouble = (task: string, call: number) => void;

/** The feature store over memory, with DuckDB, and dataset `visits` in it; `trouble` may throw before a step. */
export async function featurePlatform() {
  const [table, online] = [memoryTable(), memoryTable()];
  const [curated, features] = [memoryObjects('curated'), memoryObjects('features')];
  const clock = () => new Date('2026-01-05T12:00:00.000Z');
  const metrics: Record<string, number> = {};
  const publish = async (name: string, value: number) => {
    metrics[name] = value;
  };
  // One entity a page, so that there are several.
  const materialising = { table, online, curated, features, compute: duckdbOnline(curated, 1), clock };
  const joining = { table, curated, features, compute: duckdbJoin(curated) };
  const mounted = {
    'find-features': findFeaturesTask.with({ table, online, publish, clock }),
    'compute-features': computeFeaturesTask.with(materialising),
    'write-features': writeFeaturesTask.with(materialising),
    'finish-features': finishFeaturesTask.with(materialising),
    'record-failure': recordFeaturesFailureTask.with({ online, clock }),
    'join-features': { handle: (request: never) => joinFeatures(joining, request) },
  };
  const run = (file: string, input: unknown, trouble: Trouble = () => {}) => {
    const calls: Record<string, number> = {};
    return runWorkflow(file, {
      input,
      invoke: async (_target, payload) => {
        const { task, input: given } = payload as { task: keyof typeof mounted; input: never };
        const call = calls[task] ?? 0;
        calls[task] = call + 1;
        trouble(task, call);
        return mounted[task].handle(given);
      },
    });
  };
  const joins = new Map<string, WorkflowExecution>();
  const executions: WorkflowExecutions = {
    async start(name, input) {
      const { status, output, error, cause } = await run('data/join-features', input);
      const ended = status === 'SUCCEEDED' ? ('succeeded' as const) : ('failed' as const);
      joins.set(name, { status: ended, input: JSON.stringify(input), output: JSON.stringify(output), error, cause });
    },
    show: async (name) => joins.get(name),
  };
  const presign = async (key: string) => ({ url: `https://features.example/${key}`, headers: {} });
  const presignGet = async (key: string) => `https://features.example/${key}`;
  const routes = api(
    [
      applyFeaturesEndpoint.with({ table, online, checkSql: duckdbCheckSql, clock }),
      listFeaturesEndpoint.with({ table }),
      showFeaturesEndpoint.with({ table, online, clock }),
      readFeaturesEndpoint.with({ table, online }),
      createSpineEndpoint.with({ table, presign, clock, newId }),
      startJoinEndpoint.with({ table, executions, newId }),
      showJoinEndpoint.with({ executions, presignGet, clock }),
    ],
    { logger: { info() {}, error() {} } },
  ).lambda();
  const call = async (parts: ApiEventParts) => {
    const { statusCode, body } = await routes(anApiEvent(parts), {} as never);
    return { status: statusCode, body: JSON.parse(body) as Record<string, unknown> };
  };
  const versions = datasetVersions({ table, curated }, 'default');
  await versions.create();
  return {
    ...{ call, features, metrics, versions },
    join: (...asked: JoinAsked) => joinFeatures(joining, ...asked),
    file: (rows: readonly Row[], split?: SplitName) => aCuratedFile(curated, aManifest([]), rows, split),
    apply: (changed: object = {}) =>
      call({
        method: 'PUT',
        path: '/data/features/tills',
        body: { spec: JSON.stringify({ ...FEATURES, ...changed }) },
      }),
    materialise: (
      input: unknown = { detail: { workspace: 'default', dataset: 'visits', id: 'e' } },
      trouble?: Trouble,
    ) => run('data/materialise-features', input, trouble),
    async read(...entities: Row[]) {
      const { body } = await call({ method: 'POST', path: '/data/features/tills/values', body: { entities } });
      return body['entities'] as Record<string, unknown>[];
    },
  };
}
