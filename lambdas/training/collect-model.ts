import type { Digest } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { TrainingErrors } from './errors.ts';
import { METRICS_FILE, readMetricsFile } from './metric-histories.ts';
import type { LoadModel } from './ports.ts';
import { probabilitiesOf, recordTrained, scanned } from './record-trained.ts';
import { findRunFile, RUN_FILES, type RunName } from './run-files.ts';
import { readTarGz } from './tar-file.ts';
import { rememberTrained, trainingKey } from './trained-model.ts';
import { type ContextDeps, readContext, readLabelled } from './training-context.ts';
import { modelArchiveKey } from './training-job.ts';

export interface CollectDeps extends ContextDeps {
  artifacts: ObjectStore;
  loadModel: LoadModel;
  trainerCode: Digest;
}

/** What a training job may leave: one model, and little beside it. */
const ARCHIVE_LIMITS = { maxBytes: 200 * 1024 * 1024, maxFiles: 100 };

/**
 * Takes the model that a training script left, and makes of it what the platform's own trainer leaves: from here on
 * nobody needs to know who trained. The file is scanned and its signature checked before it is loaded.
 * @throws TrainingOutputInvalid and what the scanner refuses (ScanErrors)
 */
export async function collectModel(
  deps: CollectDeps,
  { archive, ...run }: RunName & { archive: string },
): Promise<{ trainedIn: string }> {
  const context = await readContext(deps, run);
  const { trainer, features } = context.spec;
  if (trainer.kind !== 'script' || !trainer.sha256) {
    throw TrainingErrors.SpecScriptInvalid(
      `trainer: got ${trainer.kind}, expected a script that was sent with its spec`,
    );
  }
  if (!(await findRunFile(deps.artifacts, run, RUN_FILES.trained))) {
    const { onnx, metrics } = await readArchive(deps.artifacts, run, archive);
    const model = scanned(onnx, features);
    const loaded = await deps.loadModel(onnx);
    const train = await readLabelled(deps.curated, context, 'train');
    const scores = probabilitiesOf(await loaded.run(train.table), train.labels.length);
    await recordTrained(deps.artifacts, run, {
      onnx,
      scanned: model,
      loaded,
      train,
      scores,
      trainer: trainer.sha256,
      trainedWith: { trainer: trainer.script, node: null, image: trainer.image },
      // A script's own arithmetic is not here to be compared with; the golden set pins what its file answers.
      parity: { rows: 0, reason: 'trained by a script, which exported the model itself' },
      ...(metrics && readMetricsFile(metrics)),
    });
  }
  await rememberTrained(deps.artifacts, run, trainingKey(context, deps.trainerCode));
  return { trainedIn: run.runId };
}

async function readArchive(
  artifacts: ObjectStore,
  run: RunName,
  archive: string,
): Promise<{ onnx: Uint8Array; metrics: Uint8Array | undefined }> {
  const key = modelArchiveKey({ ...run, bucket: artifacts.bucket }, archive);
  if (!key)
    throw TrainingErrors.TrainingOutputInvalid(`archive: got ${archive}, which is not where this run's jobs write`);
  const bytes = await artifacts.get(key);
  if (!bytes) throw TrainingErrors.TrainingOutputInvalid(`archive: ${archive} is not there`);
  const files = readTarGz(bytes, ARCHIVE_LIMITS);
  const onnx = files.get(RUN_FILES.model);
  if (onnx) return { onnx, metrics: files.get(METRICS_FILE) };
  throw TrainingErrors.TrainingOutputInvalid(
    `model.tar.gz: has ${[...files.keys()].join(', ') || 'no file'}, expected ${RUN_FILES.model} among them`,
  );
}
