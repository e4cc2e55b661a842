import type { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { describeIssues } from '../../lambdas/shared/errors.ts';
import { IamCallers } from '../../lambdas/shared/iam-caller-list.ts';
import { WORKSPACE_NAME } from '../../lambdas/shared/workspace-name.ts';
import { checkStudioAccess, Studio } from './studio-stage.ts';

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'a name is lower-case letters, digits and hyphens, at most 31');

/** The longest bucket name, `millrace-<stage>-access-logs-<account>-<region>`, has 63 characters at most. */
const STAGE_NAME = /^[a-z][a-z0-9-]{0,13}$/;

/** One inference endpoint: a function with a `live` alias and a URL. */
const Endpoint = z.strictObject({
  /** The registered model it serves. */
  model: Name,
  memoryMiB: z.int().min(256).max(10240).default(1769),
  /** Published versions that stay one pointer move away. */
  keptVersions: z.int().min(2).max(50).default(5),
  /** Population stability index from which the drift alarm fires. */
  driftPsi: z.number().positive().default(0.2),
});

/** A Kinesis stream whose records go into a dataset. */
const Stream = z.strictObject({
  dataset: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'a dataset is lower-case letters, digits and hyphens'),
  workspace: z
    .string()
    .regex(WORKSPACE_NAME, 'a workspace is lower-case letters, digits and hyphens')
    .default('default'),
  arn: z
    .string()
    .regex(/^arn:[\w-]+:kinesis:[\w-]+:\d{12}:stream\/[\w.-]{1,128}$/, 'expected the ARN of a Kinesis stream')
    .optional(),
  /** Records that make an object, sooner where there are 6 MB of them or the time is over. */
  batchRecords: z.int().min(1).max(10_000).default(5000),
  batchSeconds: z.int().min(0).max(300).default(60),
});

/** Spark on EMR Serverless, for files that outgrow one function. */
const Spark = z.strictObject({
  /** Most virtual processors that run at a time; memory is four GB for each. */
  maxVcpu: z.int().min(4).max(1000).default(32),
  /** Minutes without work after which the application stops. */
  idleMinutes: z.int().min(1).max(60).default(5),
});

/** People who label, by SageMaker Ground Truth. */
const GroundTruth = z.strictObject({
  workteamArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:workteam\/private-crowd\/[A-Za-z0-9-]+$/,
      'the ARN of a private workteam',
    ),
  /** AWS's own account in the region, whose functions prepare tasks and consolidate labels. */
  functionsAccount: z.string().regex(/^\d{12}$/, 'an account id has twelve digits'),
  labellersPerItem: z.int().min(1).max(9).default(3),
});

/** CloudFront, with a name of your own where both parts are given. */
const Edge = z
  .strictObject({
    domainName: z
      .string()
      .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'a host name in lower case')
      .optional(),
    certificateArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/, 'the ARN of a certificate in us-east-1')
      .optional(),
  })
  .refine(
    ({ domainName, certificateArn }) => (domainName === undefined) === (certificateArn === undefined),
    'a domainName and the certificateArn for it come together',
  );

/** One deployment of the platform; unknown keys are errors. Documented in docs/configuration.md. */
export const StageConfig = z
  .strictObject({
    account: z
      .string()
      .regex(/^\d{12}$/, 'an account id has twelve digits')
      .optional(),
    region: z.string().optional(),
    /** A disposable stage is deleted with everything in it; every other stage keeps what holds state. */
    disposable: z.boolean().default(false),
    /** Days that function logs are kept. */
    logRetentionDays: z.literal([1, 3, 5, 7, 14, 30, 60, 90, 180, 365]).default(30),
    /** Who hears of alarms, by e-mail. */
    alarms: z.strictObject({ emails: z.array(z.email()).default([]) }).default({ emails: [] }),
    /** Where the runbook is published; alarms link to its sections. */
    runbookUrl: z.string().default('docs/runbook.md'),
    /** Requests a second and burst of each of the two APIs. */
    throttle: z
      .strictObject({ rate: z.int().positive(), burst: z.int().positive() })
      .default({ rate: 200, burst: 400 }),
    endpoints: z.record(Name, Endpoint).default({}),
    /** MiB of a file from which on it is taken in parts of so many. */
    ingestPartMiB: z.int().min(1).max(1024).default(256),
    streams: z.record(Name, Stream).default({}),
    /** Datasets with an alarm of their own for want of news, as `<workspace>/<dataset>`; ten cents a month each. */
    datasetAlarms: z
      .array(
        z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}\/[a-z][a-z0-9-]{0,62}$/, 'a dataset is named <workspace>/<dataset>'),
      )
      .default([]),
    /** @default no Spark: files that one function cannot take are refused */
    spark: Spark.optional(),
    /** @default no Ground Truth: labels come as files */
    groundTruth: GroundTruth.optional(),
    /** Principals of AWS who may use the tracking API, which then takes their signatures and no tokens. @default tokens */
    trackingIam: z.strictObject({ callers: IamCallers.min(1) }).optional(),
    /** Whether a workspace of the tracking API appears when it is first used. */
    openWorkspaces: z.boolean().default(false),
    /** Where clients write the artifacts of new experiments: through the tracking URI, or to S3 with AWS credentials. */
    artifactLocation: z.enum(['proxied', 's3']).default('proxied'),
    /** CloudFront in front of the tracking API, for artifacts of any size. @default none */
    edge: Edge.optional(),
    /** Notebooks in SageMaker Studio. @default none */
    studio: Studio.optional(),
    /** Minutes between two drift checks. */
    driftCheckMinutes: z.int().min(10).max(1440).default(15),
    /** Minutes after a drift retraining in which no other is started for the model. */
    retrainingCooldownMinutes: z.int().min(0).default(1440),
  })
  .superRefine(checkStudioAccess);

export type Stage = z.output<typeof StageConfig> & { readonly name: string };

/** The stage that `-c stage=<name>` chooses, parsed once. There is no default: which account gets what is said, not guessed. */
export function readStage(app: App): Stage {
  const stages = (app.node.tryGetContext('stages') ?? {}) as Record<string, unknown>;
  const name: unknown = app.node.tryGetContext('stage');
  if (name === undefined)
    throw new Error(`stage: got nothing, expected -c stage=<one of ${Object.keys(stages).join(', ')}>`);
  return parseStage(String(name), stages);
}

export function parseStage(name: string, stages: Record<string, unknown>): Stage {
  const raw = stages[name];
  if (raw === undefined) {
    throw new Error(
      `stages.${name}: got nothing, expected one of ${Object.keys(stages).join(', ') || 'the stages in cdk.json'}`,
    );
  }
  const parsed = StageConfig.safeParse(raw);
  if (!parsed.success) throw new Error(`stages.${name}.${describeIssues(parsed.error, raw)}`);
  if (!STAGE_NAME.test(name)) {
    throw new Error(`stages.${name}: got ${name}, a stage is lower-case letters, digits and hyphens, at most 14`);
  }
  return { ...parsed.data, name };
}
