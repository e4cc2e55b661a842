import { type ScannedModel, scanModel } from '../registry/contract.ts';
import { canonicalJson, type Digest, digestOf } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { measureBaseline } from './baseline.ts';
import { TrainingErrors } from './errors.ts';
import { type GoldenTensor, goldenOf, goldenRows, takeRows } from './golden.ts';
import type { LabelledRows } from './labelled-rows.ts';
import type { Measured } from './metric-histories.ts';
import type { LoadedModel } from './ports.ts';
import { runKey } from './run.ts';
import { RUN_FILES, type RunName, settleResult } from './run-files.ts';
import type { TrainedModel } from './trained-model.ts';

/** The output that a binary classifier's answer is read from. */
const PROBABILITY = 'probability';

/**
 * What every model here looks like, so that one endpoint, one evaluation and one drift check serve all of them:
 * an FP32 input [rows, 1] for each feature of the spec, and an FP32 output `probability` [rows, 1].
 * @throws TrainingOutputInvalid
 */
function checkSignature({ inputs, outputs }: ScannedModel, features: readonly string[]): void {
  const shown = (tensors: ScannedModel['inputs']) =>
    tensors.map(({ name, datatype, shape }) => `${name} ${datatype} [${shape.join(', ')}]`).join('; ') || 'none';
  const isColumn = ({ datatype, shape }: ScannedModel['inputs'][number]) =>
    datatype === 'FP32' && shape.length === 2 && shape[0] === -1 && shape[1] === 1;
  const wanted = [...features].sort().join();
  const given = inputs.map(({ name }) => name).sort();
  if (given.join() !== wanted || !inputs.every(isColumn)) {
    throw TrainingErrors.TrainingOutputInvalid(
      `model.onnx: inputs are ${shown(inputs)}, expected FP32 [-1, 1] for each of ${features.join(', ')}`,
    );
  }
  const probability = outputs.find(({ name }) => name === PROBABILITY);
  if (!probability || !isColumn(probability)) {
    throw TrainingErrors.TrainingOutputInvalid(
      `model.onnx: outputs are ${shown(outputs)}, expected ${PROBABILITY} FP32 [-1, 1] among them`,
    );
  }
}

/** @throws TrainingOutputInvalid when an answer is no probability */
export function probabilitiesOf(outputs: readonly GoldenTensor[], rows: number): Float64Array {
  const data = outputs.find(({ name }) => name === PROBABILITY)?.data ?? [];
  const bad = data.findIndex((value) => !(value >= 0 && value <= 1));
  if (data.length === rows && bad === -1) return Float64Array.from(data);
  throw TrainingErrors.TrainingOutputInvalid(
    bad === -1
      ? `${PROBABILITY}: got ${data.length} answers for ${rows} rows`
      : `${PROBABILITY} of row ${bad}: got ${data[bad]}, expected 0 to 1`,
  );
}

export interface FreshModel extends Measured {
  onnx: Uint8Array;
  scanned: ScannedModel;
  loaded: LoadedModel;
  /** What it was trained on. */
  train: LabelledRows;
  /** Its answers on those rows, by onnxruntime. */
  scores: Float64Array;
  trainer: Digest;
  trainedWith: TrainedModel['trainedWith'];
  parity: TrainedModel['parity'];
}

/**
 * Leaves a trained model in its run's files: the model, the golden set, the baseline, and last `trained.json`, which
 * names them. Whoever finds `trained.json` finds all of them.
 */
export async function recordTrained(artifacts: ObjectStore, run: RunName, model: FreshModel): Promise<TrainedModel> {
  const { onnx, scanned, train, scores } = model;
  const sample = takeRows(train.table, goldenRows(train.labels.length));
  const golden = canonicalJson(goldenOf(sample, await model.loaded.run(sample)));
  const baseline = canonicalJson(measureBaseline(train.table, PROBABILITY, scores));
  const key = (file: string) => runKey(run.workspace, run.runId, file);
  await artifacts.put(key(RUN_FILES.model), onnx);
  await artifacts.put(key(RUN_FILES.golden), golden, 'application/json');
  await artifacts.put(key(RUN_FILES.baseline), baseline, 'application/json');
  return settleResult<TrainedModel>(artifacts, run, RUN_FILES.trained, {
    schema: 'millrace/trained/1',
    onnx: digestOf(onnx),
    golden: digestOf(golden),
    baseline: digestOf(baseline),
    opset: scanned.opsets[''] ?? scanned.opsets['ai.onnx'] ?? 0,
    inputs: scanned.inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] })),
    outputs: scanned.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] })),
    trainer: model.trainer,
    trainedWith: model.trainedWith,
    parity: model.parity,
    ...(model.histories && { histories: model.histories }),
    ...(model.historiesRefused && { historiesRefused: model.historiesRefused }),
    rows: {
      train: train.labels.length,
      positives: train.labels.reduce((sum, label) => sum + label, 0),
      ...train.dropped,
    },
  });
}

/** Scans before anything loads: a model is foreign bytes, even one of our own after a store has held it. */
export const scanned = (onnx: Uint8Array, features: readonly string[]): ScannedModel => {
  const model = scanModel(onnx);
  checkSignature(model, features);
  return model;
};
