import { datasetVersionRef } from '../data/contract.ts';
import { ref } from '../lineage/contract.ts';
import { attachBundle, explainCandidate, registerModelVersion } from '../registry/contract.ts';
import type { Clock } from '../shared/clock.ts';
import type { Digest } from '../shared/digest.ts';
import { type ObjectStore, parseJson } from '../shared/objects.ts';
import type { Table, Value } from '../shared/table.ts';
import type { PlatformRuns } from '../tracking/contract.ts';
import { endRun } from './end-run.ts';
import { readEvaluation, readGate } from './judge-model.ts';
import { publishModel } from './publish-model.ts';
import type { RunFact } from './run.ts';
import { RUN_FILES, type RunName, readRunFile } from './run-files.ts';
import { requireRun, runRef } from './run-store.ts';
import type { TrainedModel } from './trained-model.ts';

export interface EndDeps {
  table: Table;
  artifacts: ObjectStore;
  clock: Clock;
  runs: PlatformRuns;
}

type Attempt = RunName & { attempt: number; trainedIn: string };
type Ended = Pick<RunFact, 'runId' | 'status' | 'version' | 'bundle'>;

/**
 * Gives the bundle its version number and ends the run. The run's id is the registration's token, so a run has one
 * version: one that died between the two does the second only.
 * @throws TokenReused when the run registered something else before
 */
export async function registerModel(deps: EndDeps, input: Attempt & { bundle: Digest }): Promise<Ended> {
  const { workspace, runId, bundle } = input;
  const run = await requireRun(deps.table, workspace, runId);
  const { metrics, gate } = await evidenceOf(deps.artifacts, input);
  const told = {
    workspace,
    model: run.model,
    bundle,
    run: runRef(workspace, runId),
    dataset: datasetVersionRef(workspace, run.dataset, run.datasetVersion),
    spec: ref('spec', workspace, run.spec),
    metrics,
    gate: gate as unknown as Value,
    actor: run.actor,
    at: deps.clock().toISOString(),
  };
  const version = run.adopts ?? (await registerTrained(deps, input, told));
  // A version that a client made has its number: what it lacked is the bundle.
  if (run.adopts !== undefined) await attachBundle(deps.table, { ...told, version });
  return end(deps, input, { status: 'succeeded', bundle, version, metrics, gate });
}

async function registerTrained(
  deps: EndDeps,
  input: Attempt,
  told: Omit<Parameters<typeof registerModelVersion>[1], 'token'>,
): Promise<number> {
  const published = await publishModel(deps, input);
  const { version } = await registerModelVersion(deps.table, { ...told, ...published, token: `run/${input.runId}` });
  return version;
}

/** Ends a run whose model did not pass, with the checks that it failed. Nothing is registered; a client's version is told. */
export async function rejectModel(deps: EndDeps, input: Attempt): Promise<Ended> {
  const evidence = await evidenceOf(deps.artifacts, input);
  const { model, adopts } = await requireRun(deps.table, input.workspace, input.runId);
  if (adopts !== undefined) {
    const failed = evidence.gate.checks.filter(({ passed }) => !passed).map(({ name }) => name);
    const why = `gate: ${failed.join(', ')} failed`;
    await explainCandidate(deps.table, { workspace: input.workspace, model, version: adopts, why });
  }
  return end(deps, input, { status: 'rejected', ...evidence });
}

async function end(deps: EndDeps, input: Attempt, ending: Parameters<typeof endRun>[2]): Promise<Ended> {
  const reused = input.trainedIn !== input.runId && { reusedFrom: input.trainedIn };
  const trained = await readRunFile(deps.artifacts, { ...input, runId: input.trainedIn }, RUN_FILES.trained);
  const measured = parseJson<TrainedModel>(trained);
  const { runId, status, version, bundle } = await endRun(deps, input, { ...ending, ...reused }, measured);
  return { runId, status, ...(version !== undefined && { version }), ...(bundle && { bundle }) };
}

async function evidenceOf(artifacts: ObjectStore, run: RunName) {
  const { evaluation } = await readEvaluation(artifacts, run);
  return { metrics: { ...evaluation.metrics } as Record<string, number>, gate: await readGate(artifacts, run) };
}
