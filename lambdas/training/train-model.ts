import type { Digest } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { TrainingErrors } from './errors.ts';
import { writeLogisticOnnx } from './logistic-onnx.ts';
import { fitLogisticRegression, predictProbability } from './logistic-regression.ts';
import { lossHistory } from './metric-histories.ts';
import type { LoadModel } from './ports.ts';
import { probabilitiesOf, recordTrained, scanned } from './record-trained.ts';
import { findRunFile, RUN_FILES, type RunName } from './run-files.ts';
import { rememberTrained, trainingKey } from './trained-model.ts';
import { type ContextDeps, readContext, readLabelled } from './training-context.ts';

export interface TrainDeps extends ContextDeps {
  artifacts: ObjectStore;
  loadModel: LoadModel;
  trainerCode: Digest;
  /** `process.versions.node`. */
  node: string;
}

/** Largest difference of a probability between the trainer's arithmetic and the exported file's. */
const PARITY_TOLERANCE = 1e-6;

/**
 * Fits the platform's own trainer and exports it, with the proof that the file answers as the trainer does on every
 * row it was trained on. What an earlier try of this run has finished stands.
 * @throws TrainingRowsUnusable, ParityBroken and what the trainer refuses (FitErrors)
 */
export async function trainModel(deps: TrainDeps, run: RunName): Promise<{ trainedIn: string }> {
  const context = await readContext(deps, run);
  const { trainer, features } = context.spec;
  if (trainer.kind !== 'logistic-regression') {
    throw TrainingErrors.SpecFieldInvalid(
      `trainer.kind: got ${trainer.kind}, this function trains logistic-regression`,
    );
  }
  if (!(await findRunFile(deps.artifacts, run, RUN_FILES.trained))) {
    const train = await readLabelled(deps.curated, context, 'train');
    const fit = fitLogisticRegression(train.table, train.labels, { l2: trainer.l2 });
    const onnx = writeLogisticOnnx(fit.model);
    const model = scanned(onnx, features);
    const loaded = await deps.loadModel(onnx);
    const scores = probabilitiesOf(await loaded.run(train.table), train.labels.length);
    await recordTrained(deps.artifacts, run, {
      onnx,
      scanned: model,
      loaded,
      train,
      scores,
      trainer: deps.trainerCode,
      trainedWith: { trainer: trainer.kind, node: deps.node, image: null },
      parity: {
        ...parityOf(scores, predictProbability(fit.model, train.table.columns)),
        iterations: fit.iterations,
        loss: fit.loss,
      },
      histories: lossHistory(fit.losses),
    });
  }
  await rememberTrained(deps.artifacts, run, trainingKey(context, deps.trainerCode));
  return { trainedIn: run.runId };
}

/** @throws ParityBroken */
function parityOf(exported: Float64Array, trained: Float64Array): { rows: number; largest: number; tolerance: number } {
  let largest = 0;
  for (const [i, score] of exported.entries()) largest = Math.max(largest, Math.abs(score - (trained[i] as number)));
  if (largest <= PARITY_TOLERANCE) return { rows: exported.length, largest, tolerance: PARITY_TOLERANCE };
  throw TrainingErrors.ParityBroken(
    `model.onnx: differs from the trainer by ${largest} on ${exported.length} rows, at most ${PARITY_TOLERANCE} is taken`,
  );
}
