import { stringify } from 'yaml';
import type { TensorSpec } from '../registry/contract.ts';
import { type ObjectStore, parseJson } from '../shared/objects.ts';
import { findRoot, type PlatformRuns } from '../tracking/contract.ts';
import { readTrainedFile } from './evaluate-model.ts';
import { RUN_FILES, type RunName, readRunFile } from './run-files.ts';
import type { TrainedModel } from './trained-model.ts';

/** Where MLflow's clients find a trained model: what a version's `source` is. */
export interface PublishedModel {
  runId: string;
  source: string;
}

/**
 * Leaves a trained model among its run's artifacts as MLflow's clients expect one, so that they load a version that
 * was trained here as one of their own. A run that MLflow does not know, from before its runs were MLflow's, has none.
 * Written again, it is the same.
 */
export async function publishModel(
  { artifacts, runs }: { artifacts: ObjectStore; runs: Pick<PlatformRuns, 'artifactUri' | 'outputModel'> },
  { trainedIn, ...run }: RunName & { trainedIn: string },
): Promise<PublishedModel | undefined> {
  const uri = await runs.artifactUri(run.workspace, run.runId);
  // Who made the experiment may have put it elsewhere: the platform writes nothing there.
  const root = uri && findRoot(uri, { workspace: run.workspace, bucket: artifacts.bucket });
  if (!root) return undefined;
  const home = { workspace: run.workspace, runId: trainedIn };
  const trained = parseJson<TrainedModel>(await readRunFile(artifacts, home, RUN_FILES.trained));
  const onnx = await readTrainedFile(artifacts, home, RUN_FILES.model, trained.onnx);
  const folder = `${root}/model`;
  await artifacts.put(`${folder}/model.onnx`, onnx);
  await artifacts.put(`${folder}/requirements.txt`, REQUIREMENTS, 'text/plain');
  // Last: who finds the description finds the model.
  await artifacts.put(`${folder}/MLmodel`, describe(run.runId, trained), 'text/plain');
  const source = `${uri}/model`;
  await runs.outputModel(run.workspace, run.runId, { name: 'model', artifactUri: source });
  return { runId: run.runId, source };
}

/** What loads it; no version is better than another, as the operator set says which suffice. */
const REQUIREMENTS = 'mlflow\nonnx\nonnxruntime\n';

/** The MLmodel file (mlflow.org, "MLflow models": flavors and signature); tensors by name, rows first. */
function describe(runId: string, { inputs, outputs, trainedWith }: TrainedModel): string {
  return stringify({
    artifact_path: 'model',
    flavors: {
      onnx: { code: null, data: 'model.onnx', providers: ['CPUExecutionProvider'] },
      python_function: { loader_module: 'mlflow.onnx', data: 'model.onnx' },
    },
    metadata: { trainer: trainedWith.trainer },
    run_id: runId,
    signature: { inputs: tensors(inputs), outputs: tensors(outputs), params: null },
  });
}

/** Their names in NumPy, which MLflow's signatures use. */
const DTYPES: Record<string, string> = {
  BOOL: 'bool',
  INT32: 'int32',
  INT64: 'int64',
  FP32: 'float32',
  FP64: 'float64',
};

const tensors = (specs: readonly TensorSpec[]): string =>
  JSON.stringify(
    specs.map(({ name, datatype, shape }) => ({
      type: 'tensor',
      name,
      'tensor-spec': { dtype: DTYPES[datatype] ?? datatype.toLowerCase(), shape },
    })),
  );
