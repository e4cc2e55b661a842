import { bundleKey, modelFact, modelVersion, openBundle } from '../registry/contract.ts';
import { digestOf } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { parseJson } from '../shared/objects.ts';
import type { Table } from '../shared/table.ts';
import { TrainingErrors } from './errors.ts';
import { baseRate, constantScores, type Evaluation, evaluateModel as judge } from './evaluation.ts';
import { confidenceLevels } from './gate-rule.ts';
import type { LabelledRows } from './labelled-rows.ts';
import type { LoadModel } from './ports.ts';
import { probabilitiesOf, scanned } from './record-trained.ts';
import { findRunFile, RUN_FILES, type RunName, readRunFile, settleResult } from './run-files.ts';
import type { TrainedModel } from './trained-model.ts';
import { type ContextDeps, readContext, readLabelled, type TrainingContext } from './training-context.ts';

export interface EvaluateDeps extends ContextDeps {
  artifacts: ObjectStore;
  bundles: ObjectStore;
  loadModel: LoadModel;
  /** The stage's signing key, to verify the champion's bundle with. */
  publicKeyPem: () => Promise<string>;
}

/** `evaluation.json`: how the model did on rows that it never saw, beside its rivals on the very same rows. */
export interface EvaluationRecord {
  schema: 'millrace/evaluation/1';
  onnx: string;
  /** The version that the rival `champion` is; absent where none is live. */
  champion?: { version: number; bundle: string };
  rows: { test: number; withoutOutcome: number; withoutFeature: number };
  evaluation: Evaluation;
}

/**
 * Judges the run's model on the test split: against the training split's base rate, against "as today", and against
 * the version that is live, overall and for each series. The first evaluation of a run is its evaluation.
 * @throws TrainingRowsUnusable when the test split has no row, or cannot feed the champion
 */
export async function evaluateModel(
  deps: EvaluateDeps,
  { trainedIn, ...run }: RunName & { trainedIn: string },
): Promise<{ trainedIn: string; metrics: Record<string, number> }> {
  const done = await findRunFile(deps.artifacts, run, RUN_FILES.evaluation);
  const record = done ? parseJson<EvaluationRecord>(done) : await evaluate(deps, run, trainedIn);
  return { trainedIn, metrics: { ...record.evaluation.metrics } as Record<string, number> };
}

async function evaluate(deps: EvaluateDeps, run: RunName, trainedIn: string): Promise<EvaluationRecord> {
  const { artifacts, curated } = deps;
  const context = await readContext(deps, run);
  const { spec } = context;
  const home = { workspace: run.workspace, runId: trainedIn };
  const trained = parseJson<TrainedModel>(await readRunFile(artifacts, home, RUN_FILES.trained));
  const onnx = await readTrainedFile(artifacts, home, RUN_FILES.model, trained.onnx);
  const train = await readLabelled(curated, context, 'train');
  const test = await readLabelled(curated, context, 'test');
  const rows = test.labels.length;
  const champion = await scoreChampion(deps, run.workspace, context, test);
  const evaluation = judge(
    {
      labels: test.labels,
      scores: await scoresOf(deps.loadModel, onnx, spec.features, test),
      rivals: {
        'base-rate': constantScores(baseRate(train.labels), rows),
        persistence: test.persistence,
        ...(champion && { champion: champion.scores }),
      },
      ...(spec.target.within !== undefined && { groups: test.groups }),
    },
    { levels: confidenceLevels(spec.gate) },
  );
  return settleResult<EvaluationRecord>(artifacts, run, RUN_FILES.evaluation, {
    schema: 'millrace/evaluation/1',
    onnx: trained.onnx,
    ...(champion && { champion: { version: champion.version, bundle: champion.bundle } }),
    rows: { test: rows, ...test.dropped },
    evaluation,
  });
}

/**
 * The live version's answers on the test split, by its own features, which may be others than the challenger's.
 * A version that cannot be judged on these rows fails the run if a rule of the gate asks for it, and is left out if none does.
 */
async function scoreChampion(deps: EvaluateDeps, workspace: string, context: TrainingContext, test: LabelledRows) {
  const { spec, manifest } = context;
  const live = await liveBundle(deps.table, workspace, spec.model);
  if (!live) return undefined;
  const { files, manifest: sealed } = await openBundle({
    read: (file) => deps.bundles.get(bundleKey(workspace, live.bundle, file)),
    digest: live.bundle,
    publicKeyPem: await deps.publicKeyPem(),
  });
  const features = sealed.model.inputs.map(({ name }) => name);
  const unknown = features.filter((name) => !manifest.columns[name]);
  const rows =
    unknown.length > 0
      ? undefined
      : await readLabelled(deps.curated, context, 'test', [...new Set([...spec.features, ...features])]);
  if (rows?.labels.length === test.labels.length) {
    return { ...live, scores: await scoresOf(deps.loadModel, files['model.onnx'], features, rows) };
  }
  if (!spec.gate.some(({ against }) => against === 'champion')) return undefined;
  throw TrainingErrors.TrainingRowsUnusable(
    rows
      ? `champion: version ${live.version} lacks a feature in ${test.labels.length - rows.labels.length} test rows, and both are judged on the same`
      : `champion: version ${live.version} reads ${unknown.join(', ')}, which dataset ${spec.dataset} has not`,
  );
}

/** What is live; where nothing is yet, what its people have chosen to be. */
async function liveBundle(table: Table, workspace: string, model: string) {
  const fact = await modelFact(table, workspace, model);
  const version = fact?.aliases.live ?? fact?.aliases.champion;
  const found = version === undefined ? undefined : await modelVersion(table, workspace, model, version);
  // A candidate may be champion already: a wish, with nothing yet to compare with.
  return found?.bundle && { version: found.version, bundle: found.bundle };
}

async function scoresOf(
  loadModel: LoadModel,
  onnx: Uint8Array,
  features: readonly string[],
  { table, labels }: LabelledRows,
): Promise<Float64Array> {
  scanned(onnx, features);
  const columns = features.map((name) => table.columns[table.names.indexOf(name)] as Float64Array);
  const model = await loadModel(onnx);
  return probabilitiesOf(await model.run({ names: features, columns }), labels.length);
}

/** A file of the training step, which must be the one that `trained.json` names. @throws StepOutputMissing */
export async function readTrainedFile(
  artifacts: ObjectStore,
  run: RunName,
  file: (typeof RUN_FILES)['model' | 'golden' | 'baseline'],
  expected: string,
): Promise<Uint8Array> {
  const bytes = await readRunFile(artifacts, run, file);
  const got = digestOf(bytes);
  if (got === expected) return bytes;
  throw TrainingErrors.StepOutputMissing(`run ${run.runId}: ${file} is ${got}, its training ended with ${expected}`);
}
