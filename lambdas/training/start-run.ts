import {
  type DatasetVersionFact,
  datasetVersion,
  datasetVersionRef,
  latestDatasetVersion,
  requireReadable,
  requireVersion,
  useCheck,
} from '../data/contract.ts';
import { type Edge, ref } from '../lineage/contract.ts';
import type { Clock } from '../shared/clock.ts';
import { DIGEST_PATTERN, type Digest } from '../shared/digest.ts';
import type { NewId } from '../shared/ids.ts';
import { ConditionUnmet, type Table } from '../shared/table.ts';
import { type AppliedSpec, requireAppliedSpec } from './applied-spec.ts';
import { TrainingErrors } from './errors.ts';
import type { Executions } from './ports.ts';
import { executionName, type RunFact, runIdOf } from './run.ts';
import { createRun, findRun, replaceRun, requireRun, runRef } from './run-store.ts';

export interface StartRunDeps {
  table: Table;
  executions: Executions;
  clock: Clock;
}

export interface RunWish {
  workspace: string;
  model: string;
  /** The same key is the same run. */
  dedupe: string;
  /** @default the dataset's latest */
  datasetVersion?: Digest;
  reason: string;
  actor: string;
  /** Id of the retraining that the run came of. */
  retraining?: string;
  /** A version made with a client, to be judged instead of a model that the run trains. */
  adopts?: number;
}

/**
 * Makes sure that the wished run exists and is under way or done. The run is written first, with what it will train
 * on, then its execution is started under a name derived from it; whatever dies in between, the same wish goes on
 * from there. Only after an attempt ended failed is there another one.
 *
 * @throws SpecMissing, TrainingDatasetMissing, DatasetVersionDeleted, RunDedupeReused, ExecutionRefused
 */
export async function startRun(deps: StartRunDeps, wish: RunWish): Promise<RunFact> {
  const runId = runIdOf(wish.workspace, wish.model, wish.dedupe);
  const run = (await findRun(deps.table, wish.workspace, runId)) ?? (await allocate(deps, wish, runId));
  if (wish.datasetVersion && run.datasetVersion !== wish.datasetVersion) {
    throw TrainingErrors.RunDedupeReused(
      `datasetVersion: got ${wish.datasetVersion}, the run of dedupe ${wish.dedupe} trains on ${run.datasetVersion}`,
    );
  }
  return ensureExecution(deps, wish.workspace, run);
}

async function allocate(deps: StartRunDeps, wish: RunWish, runId: string, attempts = 8): Promise<RunFact> {
  const { table, clock } = deps;
  const { workspace: ws, model, reason, actor } = wish;
  const applied = await requireAppliedSpec(table, ws, model);
  const { dataset } = applied.spec;
  const data = wish.datasetVersion
    ? await datasetVersion(table, ws, dataset, wish.datasetVersion)
    : await latestDatasetVersion(table, ws, dataset);
  if (!data) {
    throw TrainingErrors.TrainingDatasetMissing(
      `dataset ${dataset}: got version ${wish.datasetVersion ?? 'latest'}, there is no such version`,
    );
  }
  requireReadable(data);
  const { digest, commit, dirty } = applied;
  const run: RunFact = {
    runId,
    model,
    status: 'running',
    spec: digest,
    dataset,
    datasetVersion: data.version,
    commit,
    dirty,
    reason,
    actor,
    startedAt: clock().toISOString(),
    attempt: 1,
    ...(wish.adopts !== undefined && { adopts: wish.adopts }),
  };
  try {
    await createRun(table, ws, run, edgesOf(wish, runId, applied, data), await useCheck(table, ws, data));
    return run;
  } catch (error) {
    // The same wish arrived twice at once, and the other one was first: that is the run.
    const other = error instanceof ConditionUnmet && (await findRun(table, ws, runId));
    if (other) return other;
    // Somebody pinned, tagged or deleted the version just now; what is read next says which.
    if (error instanceof ConditionUnmet && attempts > 1) return allocate(deps, wish, runId, attempts - 1);
    throw error;
  }
}

function edgesOf(
  { workspace: ws, model, retraining, adopts }: RunWish,
  runId: string,
  applied: AppliedSpec,
  data: DatasetVersionFact,
) {
  const from = runRef(ws, runId);
  const edges: Edge[] = [
    { from, relation: 'read', to: datasetVersionRef(ws, data.dataset, data.version) },
    { from, relation: 'derived-from', to: ref('spec', ws, applied.digest) },
    { from, relation: 'derived-from', to: ref('code', ws, applied.commit) },
  ];
  if (retraining) edges.push({ from, relation: 'caused-by', to: ref('retraining', ws, retraining) });
  if (adopts !== undefined) {
    edges.push({ from, relation: 'derived-from', to: ref('model-version', ws, `${model}/${adopts}`) });
  }
  return edges;
}

/** Starts the current attempt's execution, or the next attempt's where the current one is over and came to nothing. */
async function ensureExecution(deps: StartRunDeps, ws: string, run: RunFact): Promise<RunFact> {
  let current = run;
  for (;;) {
    if (current.status === 'succeeded' || current.status === 'rejected') return current;
    if (current.status === 'failed') current = await nextAttempt(deps, ws, current);
    const { runId, attempt } = current;
    const name = executionName(runId, attempt);
    if ((await deps.executions.start(name, { workspace: ws, runId, attempt })) === 'started') return current;
    if ((await deps.executions.status(name)) !== 'failed') return current;
    // The execution is over. If the record still says that it runs, it died before it could say otherwise.
    const record = await requireRun(deps.table, ws, runId);
    const stale = record.status === 'running' && record.attempt === attempt;
    current = stale ? await nextAttempt(deps, ws, record) : record;
  }
}

/** Counts the attempt up in the catalogue and nowhere else: two wishes at once allocate one attempt. */
async function nextAttempt({ table }: StartRunDeps, ws: string, before: RunFact): Promise<RunFact> {
  const { endedAt: _endedAt, error: _error, ...rest } = before;
  const after: RunFact = { ...rest, status: 'running', attempt: before.attempt + 1 };
  try {
    await replaceRun(table, ws, before, after);
    return after;
  } catch (error) {
    const other = await findRun(table, ws, before.runId);
    if (other && other.attempt > before.attempt) return other;
    throw error;
  }
}

/** A person's wish, by whatever name of the dataset version; without a dedupe key each call is a wish of its own. */
export async function requestTraining(
  { newId, ...deps }: StartRunDeps & { newId: NewId },
  {
    dedupe,
    datasetVersion: version,
    ...wish
  }: Omit<RunWish, 'dedupe' | 'datasetVersion'> & {
    dedupe?: string;
    datasetVersion?: string;
  },
): Promise<Pick<RunFact, 'runId' | 'attempt' | 'status'>> {
  const named = version === undefined ? {} : { datasetVersion: await digestNamed(deps.table, wish, version) };
  const { runId, attempt, status } = await startRun(deps, { ...wish, ...named, dedupe: dedupe ?? newId() });
  return { runId, attempt, status };
}

/** @throws SpecMissing, DatasetVersionMissing, DatasetVersionDeleted */
async function digestNamed(table: Table, { workspace, model }: Pick<RunWish, 'workspace' | 'model'>, version: string) {
  // A digest is what it is; whether there is such a version is asked where the run is made.
  if (DIGEST_PATTERN.test(version)) return version as Digest;
  const { spec } = await requireAppliedSpec(table, workspace, model);
  return (await requireVersion(table, { workspace, dataset: spec.dataset, version })).version;
}
