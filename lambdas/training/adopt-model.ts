import { modelVersion } from '../registry/contract.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { findCandidateModel } from './candidate-files.ts';
import { TrainingErrors } from './errors.ts';
import type { LoadModel } from './ports.ts';
import { probabilitiesOf, recordTrained, scanned } from './record-trained.ts';
import { findRunFile, RUN_FILES, type RunName } from './run-files.ts';
import { type ContextDeps, readContext, readLabelled } from './training-context.ts';

export interface AdoptDeps extends ContextDeps {
  artifacts: ObjectStore;
  loadModel: LoadModel;
}

/**
 * Takes the model of a version that a client made, and makes of it what a training leaves: from here on it is judged
 * and sealed as any other. The file is scanned and its signature checked before it is loaded.
 * @throws CandidateUnusable, TrainingOutputInvalid and what the scanner refuses (ScanErrors)
 */
export async function adoptModel(deps: AdoptDeps, run: RunName): Promise<{ trainedIn: string }> {
  const context = await readContext(deps, run);
  if (await findRunFile(deps.artifacts, run, RUN_FILES.trained)) return { trainedIn: run.runId };
  const { model, adopts } = context.run;
  const version = adopts === undefined ? undefined : await modelVersion(deps.table, run.workspace, model, adopts);
  if (!version) {
    throw TrainingErrors.CandidateUnusable(`version ${adopts} of ${model}: was deleted before it could be judged`);
  }
  const found = await findCandidateModel(deps.artifacts, run.workspace, version);
  const onnx = await deps.artifacts.get(found.key);
  if (!onnx) throw TrainingErrors.CandidateUnusable(`version ${adopts} of ${model}: its file was deleted just now`);
  const tensors = scanned(onnx, context.spec.features);
  const loaded = await deps.loadModel(onnx);
  const train = await readLabelled(deps.curated, context, 'train');
  await recordTrained(deps.artifacts, run, {
    onnx,
    scanned: tensors,
    loaded,
    train,
    scores: probabilitiesOf(await loaded.run(train.table), train.labels.length),
    trainer: found.code,
    trainedWith: { trainer: `mlflow ${found.flavour}`, node: null, image: null },
    // Whoever trained it exported it, too: the golden set pins what the file answers.
    parity: { rows: 0, reason: 'made with a client, which exported the model itself' },
  });
  return { trainedIn: run.runId };
}
