import { datasetVersionRef } from '../data/contract.ts';
import { ref } from '../lineage/contract.ts';
import { registerModelVersion } from '../registry/contract.ts';
import type { Clock } from '../shared/clock.ts';
import type { Digest } from '../shared/digest.ts';
import { type ObjectStore, parseJson } from '../shared/objects.ts';
import type { Table, Value } from '../shared/table.ts';
import type { PlatformRuns } from '../tracking/contract.ts';
import { endRun } from './end-run.ts';
import { readEvaluation, readGate } from './judge-model.ts';
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
  const { version } = await registerModelVersion(deps.table, {
    workspace,
    model: run.model,
    bundle,
    run: runRef(workspace, runId),
    dataset: datasetVersionRef(workspace, run.dataset, run.datasetVersion),
    spec: ref('spec', workspace, run.spec),
    metrics,
    gate: gate as unknown as Value,
    token: `run/${runId}`,
    actor: run.actor,
    at: deps.clock().toISOString(),
  });
  return end(deps, input, { status: 'succeeded', bundle, version, metrics, gate });
}

/** Ends a run whose model did not pass, with the checks that it failed. Nothing is registered. */
export async function rejectModel(deps: EndDeps, input: Attempt): Promise<Ended> {
  return end(deps, input, { status: 'rejected', ...(await evidenceOf(deps.artifacts, input)) });
}

async function end(deps: EndDeps, input: Attempt, ending: Parameters<typeof endRun>[2]): Promise<Ended> {
  const reused = input.trainedIn !== input.runId && { reusedFrom: input.trainedIn };
  const trained = await readRunFile(deps.artifacts, { ...input, runId: input.trainedIn }, RUN_FILES.trained);
  const { losses } = parseJson<TrainedModel>(trained);
  const { runId, status, version, bundle } = await endRun(deps, input, { ...ending, ...reused }, losses);
  return { runId, status, ...(version !== undefined && { version }), ...(bundle && { bundle }) };
}

async function evidenceOf(artifacts: ObjectStore, run: RunName) {
  const { evaluation } = await readEvaluation(artifacts, run);
  return { metrics: { ...evaluation.metrics } as Record<string, number>, gate: await readGate(artifacts, run) };
}
