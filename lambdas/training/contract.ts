import * as z from 'zod';
import { VersionName } from '../data/contract.ts';
import { DIGEST_PATTERN, type Digest } from '../shared/digest.ts';
import { ROLES, type Role, route } from '../shared/route.ts';
import { TrackingApiEnv } from '../tracking/contract.ts';
import type { AppliedSpec } from './applied-spec.ts';
import type { RunFact } from './run.ts';

export { type AppliedSpec, appliedSpec } from './applied-spec.ts';
export { Baseline, type BaselineColumn, binIndex } from './baseline.ts';
export { TrainingErrors } from './errors.ts';
export { FitErrors } from './fit-errors.ts';
export type { GateCheck, GateResult } from './gate.ts';
export { Golden, type GoldenTensor } from './golden.ts';
export { ModelSpec } from './model-spec.ts';
export { RUN_STATUSES, type RunFact, type RunStatus } from './run.ts';
export { TrainingJobRequest } from './training-job.ts';

const EVERYONE: readonly Role[] = ROLES.filter((role) => role !== 'app');
const MAKERS: readonly Role[] = ['scientist', 'engineer'];

const Model = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'expected lower-case letters, digits and hyphens, at most 31');
const Version = z
  .string()
  .regex(DIGEST_PATTERN, 'expected sha256:<64 hex>')
  .transform((text) => text as Digest);
/** The caller's name for one wish: the same key is the same run. */
const Dedupe = z.string().regex(/^[\w.:/-]{1,200}$/, 'expected letters, digits and _ . : / -, at most 200');

/** `millrace model …` and `millrace training …`. */
export const TrainingRoutes = {
  /** Stores a spec; applying the same one again changes nothing. */
  applySpec: route<AppliedSpec>()({
    method: 'PUT',
    path: '/training/models/{model}/spec',
    roles: MAKERS,
    input: z.object({
      model: Model,
      /** The YAML file as it is. */
      spec: z.string().max(200_000),
      commit: z.string().regex(/^[0-9a-f]{7,64}$|^none$/, 'expected a git commit, or none outside a repository'),
      dirty: z.boolean(),
      /** Texts of the files that the spec names (a training script), by path. */
      files: z.record(z.string().max(200), z.string().max(500_000)).default({}),
    }),
  }),
  showSpec: route<AppliedSpec>()({
    method: 'GET',
    path: '/training/models/{model}/spec',
    roles: EVERYONE,
    input: z.object({ model: Model }),
  }),
  /** Starts a training by the spec applied last; the same dedupe key is the same run. */
  startTraining: route<{ runId: string; attempt: number; status: RunFact['status'] }>()({
    method: 'POST',
    path: '/training/models/{model}/runs',
    roles: MAKERS,
    input: z.object({
      model: Model,
      dedupe: Dedupe.optional(),
      /** Its digest, number or tag. @default the dataset's latest */
      datasetVersion: VersionName.optional(),
      reason: z.string().max(500).default('asked for'),
    }),
  }),
  showRun: route<RunFact>()({
    method: 'GET',
    path: '/training/runs/{runId}',
    roles: EVERYONE,
    input: z.object({ runId: z.string().regex(/^[0-9a-f]{32}$/, 'expected a run id of 32 hex digits') }),
  }),
  /** The model's latest runs, newest first. */
  listRuns: route<{ runs: RunFact[] }>()({
    method: 'GET',
    path: '/training/models/{model}/runs',
    roles: EVERYONE,
    input: z.object({ model: Model, limit: z.coerce.number().int().min(1).max(100).default(20) }),
  }),
};

/** The event that starts a training: source `millrace.monitoring`, published by whoever decides so. */
export const RetrainingRequested = z.object({
  workspace: z.string(),
  model: Model,
  reason: z.string().max(500),
  /** One for each decision; however often the event arrives, one run starts. */
  dedupe: Dedupe,
  /** Id of the retraining fact that the run came of, for its lineage. */
  retraining: z.string().max(128).optional(),
});
export type RetrainingRequested = z.output<typeof RetrainingRequested>;
export const RETRAINING_REQUESTED = { source: 'millrace.monitoring', detailType: 'RetrainingRequested' } as const;

/** What lets a client's version be judged: the registry's events, and this domain's own. */
export const CANDIDATE_NEWS = {
  sources: ['millrace.registry', 'millrace.training'],
  detailTypes: ['ModelVersionRegistered', 'CandidateChosen', 'SpecApplied'],
} as const;

/** Told when a run has ended: EventBridge detail-type, source `millrace.training`. */
export const TRAINING_ENDED = 'TrainingEnded';
export const TrainingEnded = z.object({
  workspace: z.string(),
  runId: z.string(),
  model: z.string(),
  status: z.enum(['succeeded', 'rejected', 'failed']),
  version: z.number().optional(),
});

/** What the state machine is started with and every step gets; everything else stands in the run's fact and files. */
export const StepInput = z.strictObject({ workspace: z.string(), runId: z.string(), attempt: z.int().min(1) });
/** Behind the training: the run in whose files the model lies. */
export const TrainedStepInput = StepInput.extend({ trainedIn: z.string() });
export const CollectInput = StepInput.extend({ archive: z.string() });
export const RegisterInput = TrainedStepInput.extend({ bundle: Version });
export const FailureInput = StepInput.extend({ error: z.string(), cause: z.string() });

export const TrainingApiEnv = z.object({
  CATALOGUE_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  TRAIN_MODEL_ARN: z.string(),
});
export const AdoptCandidatesEnv = z.object({
  CATALOGUE_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  TRAIN_MODEL_ARN: z.string(),
});
export const StartTrainingEnv = z.object({ CATALOGUE_TABLE: z.string(), TRAIN_MODEL_ARN: z.string() });
export const TrainingStoresEnv = z.object({
  CATALOGUE_TABLE: z.string(),
  CURATED_BUCKET: z.string(),
  ARTIFACTS_BUCKET: z.string(),
});
/** Of functions that write MLflow runs. */
export const TrackedRunsEnv = TrackingApiEnv.pick({
  TRACKING_TABLE: true,
  ARTIFACTS_BUCKET: true,
  ARTIFACT_ACCESS: true,
});
export const TrainingTasksEnv = TrainingStoresEnv.extend(TrackedRunsEnv.shape);
/** Of the function that judges: also the champion's bundle, and the key that it is verified with. */
export const TrainingEvaluateEnv = TrainingStoresEnv.extend({ BUNDLES_BUCKET: z.string(), SIGNING_KEY: z.string() });
export const TrainingReleaseEnv = TrainingTasksEnv.extend({
  BUNDLES_BUCKET: z.string(),
  SIGNING_KEY: z.string(),
});
export const RunTrainingJobEnv = z.object({ ARTIFACTS_BUCKET: z.string() });
