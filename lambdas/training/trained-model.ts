import { versionOf } from '../data/contract.ts';
import type { TensorSpec } from '../registry/contract.ts';
import { type Digest, digestOfJson, hexOf } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { jsonBytes, parseJson } from '../shared/objects.ts';
import type { Measured } from './metric-histories.ts';
import type { RunName } from './run-files.ts';
import type { TrainingContext } from './training-context.ts';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** The result of training, whoever trained: `trained.json` beside the files that it names by digest. */
export interface TrainedModel extends Measured {
  schema: 'millrace/trained/1';
  onnx: Digest;
  golden: Digest;
  baseline: Digest;
  opset: number;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  /** Digest of the code that trained: the platform's own function, or the script. */
  trainer: Digest;
  trainedWith: { trainer: string; node: string | null; image: string | null };
  /** How far the exported file and the trainer's own arithmetic lie apart. */
  parity: Record<string, Json>;
  rows: { train: number; positives: number; withoutOutcome: number; withoutFeature: number };
}

/**
 * The content that a training is a function of. Same key, same model: only what training reads is in it, so that
 * another gate or more test data does not train again.
 */
export function trainingKey({ spec, manifest }: Pick<TrainingContext, 'spec' | 'manifest'>, code: Digest): Digest {
  const train = manifest.files.filter(({ split }) => split === 'train');
  const columns = [spec.target.order, ...(spec.target.within === undefined ? [] : [spec.target.within])];
  return digestOfJson({
    step: 'train-model/1',
    data: train.length === 0 ? null : versionOf(train),
    types: columns.map((name) => manifest.columns[name]?.type ?? null),
    target: spec.target,
    features: spec.features,
    trainer: spec.trainer,
    code,
  });
}

interface CachedStep {
  runId: string;
}
const cacheKey = (workspace: string, key: Digest): string => `${workspace}/steps/train-model/${hexOf(key)}.json`;

/** The run that trained this before. */
export async function findTrained(artifacts: ObjectStore, workspace: string, key: Digest): Promise<string | undefined> {
  const bytes = await artifacts.get(cacheKey(workspace, key));
  return bytes && parseJson<CachedStep>(bytes).runId;
}

/** Remembers a finished training; the first run that finished it stays the one. */
export async function rememberTrained(
  artifacts: ObjectStore,
  { workspace, runId }: RunName,
  key: Digest,
): Promise<void> {
  const step: CachedStep = { runId };
  await artifacts.create(cacheKey(workspace, key), jsonBytes(step), 'application/json');
}
