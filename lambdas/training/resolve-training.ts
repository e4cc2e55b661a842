import type { Digest } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import type { PlatformRuns } from '../tracking/contract.ts';
import { TrainingErrors } from './errors.ts';
import { findRunFile, RUN_FILES, type RunName } from './run-files.ts';
import { beginTracking } from './track-run.ts';
import { findTrained, trainingKey } from './trained-model.ts';
import { type ContextDeps, readContext } from './training-context.ts';

export interface ResolveDeps extends ContextDeps {
  artifacts: ObjectStore;
  /** Digest of the code that trains in this function. */
  trainerCode: Digest;
  runs: PlatformRuns;
}

/** Where a run's model comes from: an earlier training, the platform's function, a training job, or a client's version. */
export interface Placement {
  place: 'cache' | 'function' | 'job' | 'adopt';
  /** The run in whose files the model lies, or will lie. */
  trainedIn: string;
}

/**
 * Decides where a run is trained. What the run itself has trained in an earlier attempt comes first, whatever code is
 * deployed by now: a run has one model.
 */
export async function resolveTraining(deps: ResolveDeps, { workspace, runId }: RunName): Promise<Placement> {
  const context = await readContext(deps, { workspace, runId });
  await beginTracking(deps.runs, { workspace, runId }, context);
  if (await findRunFile(deps.artifacts, { workspace, runId }, RUN_FILES.trained)) {
    return { place: 'cache', trainedIn: runId };
  }
  if (context.run.adopts !== undefined) return { place: 'adopt', trainedIn: runId };
  const earlier = await findTrained(deps.artifacts, workspace, trainingKey(context, deps.trainerCode));
  const there = earlier && (await findRunFile(deps.artifacts, { workspace, runId: earlier }, RUN_FILES.trained));
  if (earlier && there) return { place: 'cache', trainedIn: earlier };
  if (!context.manifest.files.some(({ split }) => split === 'train')) {
    throw TrainingErrors.TrainingRowsUnusable(
      `dataset ${context.data.dataset}: version ${context.data.number} has no row in its train split`,
    );
  }
  return { place: context.spec.trainer.kind === 'script' ? 'job' : 'function', trainedIn: runId };
}
