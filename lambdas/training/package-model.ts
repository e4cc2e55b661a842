import { type BundleManifest, type Sign, sealBundle } from '../registry/contract.ts';
import type { Digest } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { parseJson } from '../shared/objects.ts';
import { readTrainedFile } from './evaluate-model.ts';
import { readEvaluation } from './judge-model.ts';
import { scanned } from './record-trained.ts';
import { RUN_FILES, type RunName, readRunFile } from './run-files.ts';
import type { TrainedModel } from './trained-model.ts';
import { type ContextDeps, readContext } from './training-context.ts';

export interface PackageDeps extends ContextDeps {
  artifacts: ObjectStore;
  bundles: ObjectStore;
  sign: Sign;
}

/**
 * Seals what was trained with where it came from and how it was judged. The manifest has no time and no run in it:
 * the same training judged the same way is the same bundle, however often it is sealed.
 * @throws StepOutputMissing, and what registry.sealBundle and the scanner refuse
 */
export async function packageModel(
  deps: PackageDeps,
  { trainedIn, ...run }: RunName & { trainedIn: string },
): Promise<{ bundle: Digest; trainedIn: string }> {
  const { artifacts, bundles, sign } = deps;
  const home = { workspace: run.workspace, runId: trainedIn };
  const context = await readContext(deps, run);
  const trained = parseJson<TrainedModel>(await readRunFile(artifacts, home, RUN_FILES.trained));
  const onnx = await readTrainedFile(artifacts, home, RUN_FILES.model, trained.onnx);
  scanned(onnx, context.spec.features);
  const files = {
    'model.onnx': onnx,
    'golden.json': await readTrainedFile(artifacts, home, RUN_FILES.golden, trained.golden),
    'baseline.json': await readTrainedFile(artifacts, home, RUN_FILES.baseline, trained.baseline),
  };
  const { evaluation } = await readEvaluation(artifacts, run);
  const manifest: BundleManifest = {
    schema: 'millrace/bundle/1',
    model: { onnx: trained.onnx, opset: trained.opset, inputs: trained.inputs, outputs: trained.outputs },
    data: {
      dataset: context.data.dataset,
      version: context.data.version,
      split: { ...context.manifest.split, rows: trained.rows },
    },
    code: { commit: context.run.commit, dirty: context.run.dirty, spec: context.run.spec, trainer: trained.trainer },
    trainedWith: trained.trainedWith,
    golden: trained.golden,
    baseline: trained.baseline,
    parity: trained.parity,
    metrics: { ...evaluation.metrics } as Record<string, number>,
    parents: [],
  };
  const { digest } = await sealBundle({ bundles, sign, workspace: run.workspace, manifest, files });
  return { bundle: digest, trainedIn };
}
