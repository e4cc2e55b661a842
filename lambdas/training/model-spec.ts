import * as z from 'zod';
import { DIGEST_PATTERN, type Digest } from '../shared/digest.ts';
import { GateRule } from './gate-rule.ts';

/** A model, dataset or endpoint name: part of keys, URLs and function names. */
const Name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'expected lower-case letters, digits and hyphens, at most 31');
const Column = z.string().min(1).max(128);
const Share = z.number().min(0).max(1);

/** What the model foretells: 1 where the column, `ahead` steps later, is above a number. */
const Target = z.strictObject({
  /** The target's name in reports and files. @default `<column>_ahead` */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,62}$/, 'expected lower-case letters, digits and underscores')
    .optional(),
  column: Column,
  above: z.number(),
  /** Steps along `order`: days where that column is a date, rows otherwise. 0 is the row's own value. */
  ahead: z.int().min(0).max(366).default(0),
  /** The column within whose values rows follow each other. @default all rows are one series */
  within: Column.optional(),
  /** The column that orders a series. */
  order: Column,
});

const LogisticRegression = z.strictObject({
  kind: z.literal('logistic-regression'),
  /** Penalty on the standardised scale, intercept free; scikit-learn's 1 / C. */
  l2: z.number().min(0).max(1e6).default(1),
});

/** Foreign code: a script in an image, run by SageMaker. It reads `train.csv` and writes `model.onnx`. */
const Script = z.strictObject({
  kind: z.literal('script'),
  /** Path of the script beside the spec. `model apply` sends its text along. */
  script: z
    .string()
    .regex(/^(?!\.)[\w.-]+(\/(?!\.)[\w.-]+)*$/, 'expected a relative path of letters, digits, dots and hyphens')
    .max(200),
  /** The script's digest; `model apply` writes it, so that the spec's digest covers the script. */
  sha256: z
    .string()
    .regex(DIGEST_PATTERN, 'expected sha256:<64 hex>')
    .transform((text) => text as Digest)
    .optional(),
  /** The container image on AWS; the local cloud runs the entry point of this machine instead. */
  image: z.string().min(1).max(255),
  /** What runs the script; its path is the last argument. */
  entryPoint: z.array(z.string().min(1).max(256)).min(1).max(10).default(['python3']),
  /** The script's hyperparameters; as JSON at most 512 characters, which is what an environment variable of a job holds. */
  parameters: z
    .record(z.string().regex(/^[\w-]{1,64}$/), z.union([z.string().max(256), z.number(), z.boolean()]))
    .refine((parameters) => JSON.stringify(parameters).length <= 512, 'expected at most 512 characters as JSON')
    .default({}),
  instanceType: z
    .string()
    .regex(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, 'expected an instance type such as ml.m5.large')
    .default('ml.m5.large'),
  maxRuntimeSeconds: z.int().min(10).max(86_400).default(3600),
});

/** How a version of this model goes out. */
const Rollout = z.strictObject({
  /** Shares of traffic in percent, one step after the other. */
  steps: z
    .array(z.int().min(1).max(100))
    .min(1)
    .max(10)
    .refine((steps) => steps.every((step, i) => step > (steps[i - 1] ?? 0)), 'expected rising percentages')
    .refine((steps) => steps.at(-1) === 100, 'expected 100 as the last step')
    .default([10, 100]),
  /** How long a step is watched before it is judged. */
  bakeSeconds: z.int().min(1).max(86_400).default(300),
  /** Requests of the new version below which a step cannot be judged. */
  minRequests: z.int().min(0).max(1_000_000).default(100),
  /** What to do with too few requests: wait another bake time, replay the golden set, or go on. */
  onTooFew: z.enum(['hold', 'replayGolden', 'proceed']).default('replayGolden'),
  /** The highest share of requests that fail. */
  maxErrorRate: Share.default(0.01),
  /** The highest ratio of the two versions' 99th percentile latencies. */
  maxLatencyRatio: z.number().min(1).max(100).default(2),
  /** The highest population stability index between the two versions' outputs over the same minutes. */
  maxOutputShift: z.number().positive().max(10).default(0.5),
});

/** When what arrives differs from what the model was trained on. */
const Drift = z.strictObject({
  /** Whether the drift alarm starts a training. */
  retrain: z.boolean().default(true),
  /** Rows in the window below which no drift is computed. */
  minRows: z.int().min(10).max(1_000_000).default(100),
});

const Shape = z.strictObject({
  schema: z.literal('millrace/model/1'),
  model: Name,
  description: z.string().max(1000).optional(),
  dataset: Name,
  owner: z.string().min(1).max(128),
  riskClass: z.enum(['minimal', 'limited', 'high']),
  endpoint: Name,
  target: Target,
  /** Numeric columns, in the order of the model's input. */
  features: z
    .array(Column)
    .min(1)
    .max(500)
    .refine((names) => new Set(names).size === names.length, 'expected every feature once'),
  trainer: z.discriminatedUnion('kind', [LogisticRegression, Script]),
  /** Checks that a version must pass before it is registered, each with its evidence. */
  gate: z.array(GateRule).min(1).max(50),
  rollout: Rollout.prefault({}),
  drift: Drift.prefault({}),
});

/** The target's name in reports and files. */
export const targetName = ({ target }: { target: { name?: string; column: string } }): string =>
  target.name ?? `${target.column.toLowerCase()}_ahead`;

/** A model as its people describe it: a YAML file in their git. Unknown keys are errors. */
export const ModelSpec = Shape.refine((spec) => !spec.features.includes(targetName(spec)), {
  path: ['target', 'name'],
  message: 'expected a name that is not a feature: both stand in one training file',
});
export type ModelSpec = z.output<typeof ModelSpec>;
export type ScriptTrainer = Extract<ModelSpec['trainer'], { kind: 'script' }>;
