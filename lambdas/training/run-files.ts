import type { ObjectStore } from '../shared/objects.ts';
import { jsonBytes, parseJson } from '../shared/objects.ts';
import { TrainingErrors } from './errors.ts';
import { runKey } from './run.ts';

/** What the steps of a run leave in the artifacts zone, in order. `trained.json` is written last of its step. */
export const RUN_FILES = {
  model: 'model.onnx',
  golden: 'golden.json',
  baseline: 'baseline.json',
  trained: 'trained.json',
  evaluation: 'evaluation.json',
  gate: 'gate.json',
} as const;
export type RunFile = (typeof RUN_FILES)[keyof typeof RUN_FILES];

export interface RunName {
  workspace: string;
  runId: string;
}

export async function findRunFile(
  artifacts: ObjectStore,
  { workspace, runId }: RunName,
  file: RunFile,
): Promise<Uint8Array | undefined> {
  return artifacts.get(runKey(workspace, runId, file));
}

/** @throws StepOutputMissing */
export async function readRunFile(artifacts: ObjectStore, run: RunName, file: RunFile): Promise<Uint8Array> {
  const bytes = await findRunFile(artifacts, run, file);
  if (bytes) return bytes;
  throw TrainingErrors.StepOutputMissing(`run ${run.runId}: has no ${file}`);
}

/**
 * Writes a step's result once; what stands is the result from then on. Who comes second (a repeated step, or a worker
 * that was thought dead) gets what the first one wrote.
 */
export async function settleResult<T>(
  artifacts: ObjectStore,
  { workspace, runId }: RunName,
  file: RunFile,
  result: T,
): Promise<T> {
  const key = runKey(workspace, runId, file);
  if ((await artifacts.create(key, jsonBytes(result), 'application/json')) === 'created') return result;
  return parseJson<T>(await readRunFile(artifacts, { workspace, runId }, file));
}
