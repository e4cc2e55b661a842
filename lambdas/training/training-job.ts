import * as z from 'zod';
import { type Digest, hexOf } from '../shared/digest.ts';
import type { ScriptTrainer } from './model-spec.ts';
import { executionName, runKey } from './run.ts';

const Text = z.string().min(1);
const Channel = z.object({
  ChannelName: z.string().regex(/^[a-z]+$/),
  DataSource: z.object({
    S3DataSource: z.object({ S3DataType: z.literal('S3Prefix'), S3Uri: Text, S3DataDistributionType: Text }),
  }),
});

/** The part of SageMaker's CreateTrainingJob request that the platform uses (SageMaker API reference). */
export const TrainingJobRequest = z.object({
  TrainingJobName: z.string().regex(/^[a-zA-Z0-9](-?[a-zA-Z0-9]){0,62}$/),
  RoleArn: Text,
  AlgorithmSpecification: z.object({
    TrainingImage: Text,
    TrainingInputMode: z.literal('File'),
    ContainerEntrypoint: z.array(Text).min(1),
  }),
  HyperParameters: z.record(z.string(), z.string()),
  Environment: z.record(z.string(), z.string().max(512)),
  InputDataConfig: z.array(Channel),
  OutputDataConfig: z.object({ S3OutputPath: Text }),
  ResourceConfig: z.object({ InstanceType: Text, InstanceCount: z.literal(1), VolumeSizeInGB: z.int() }),
  StoppingCondition: z.object({ MaxRuntimeInSeconds: z.int().positive() }),
  EnableNetworkIsolation: z.literal(true),
});
export type TrainingJobRequest = z.output<typeof TrainingJobRequest>;

/** Where a training script lies in the artifacts zone: by content, in a folder of its own, under its own name. */
export const scriptKey = (workspace: string, trainer: { script: string; sha256: Digest }): string =>
  `${workspace}/scripts/${hexOf(trainer.sha256)}/${nameOf(trainer)}`;
const nameOf = ({ script }: { script: string }): string => script.split('/').at(-1) as string;

/** The channel's file: features in the order of the model's input, then the target, one header line. */
export const CHANNEL_FILE = 'channels/train/train.csv';
/** Below the run's prefix; SageMaker adds `<job name>/output/model.tar.gz`. */
const JOB_FOLDER = 'job';
/** Everything that a container sees of SageMaker lies below it (SageMaker developer guide, "How Amazon SageMaker provides training information"). */
export const CONTAINER_ROOT = '/opt/ml';

export interface TrainingJob {
  workspace: string;
  runId: string;
  attempt: number;
  trainer: ScriptTrainer & { sha256: Digest };
  /** The artifacts zone's bucket. */
  bucket: string;
}

/**
 * One training job of a run's attempt, without its role, which is the state machine's to pass.
 * The variables `SM_*` are those of SageMaker's own training images; stated here they hold in every image.
 */
export function trainingJobRequest(job: TrainingJob): Omit<TrainingJobRequest, 'RoleArn'> {
  const { workspace, runId, attempt, trainer, bucket } = job;
  const uri = (key: string) => `s3://${bucket}/${key}`;
  const folderOf = (key: string) => key.slice(0, key.lastIndexOf('/') + 1);
  const input = `${CONTAINER_ROOT}/input`;
  return {
    TrainingJobName: `millrace-${executionName(runId, attempt)}`,
    AlgorithmSpecification: {
      TrainingImage: trainer.image,
      TrainingInputMode: 'File',
      ContainerEntrypoint: [...trainer.entryPoint, `${input}/data/code/${nameOf(trainer)}`],
    },
    HyperParameters: Object.fromEntries(
      Object.entries(trainer.parameters).map(([name, value]) => [name, String(value)]),
    ),
    Environment: {
      SM_INPUT_DIR: input,
      SM_INPUT_CONFIG_DIR: `${input}/config`,
      SM_CHANNELS: JSON.stringify(['code', 'train']),
      SM_CHANNEL_CODE: `${input}/data/code`,
      SM_CHANNEL_TRAIN: `${input}/data/train`,
      SM_MODEL_DIR: `${CONTAINER_ROOT}/model`,
      SM_OUTPUT_DATA_DIR: `${CONTAINER_ROOT}/output/data`,
      SM_HPS: JSON.stringify(trainer.parameters),
    },
    InputDataConfig: [
      channel('code', uri(folderOf(scriptKey(workspace, trainer)))),
      channel('train', uri(folderOf(runKey(workspace, runId, CHANNEL_FILE)))),
    ],
    OutputDataConfig: { S3OutputPath: uri(runKey(workspace, runId, JOB_FOLDER)) },
    ResourceConfig: { InstanceType: trainer.instanceType, InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: trainer.maxRuntimeSeconds },
    // The script sees its channels and nothing else: no network, so no way for data out.
    EnableNetworkIsolation: true,
  };
}

const channel = (ChannelName: string, S3Uri: string): z.output<typeof Channel> => ({
  ChannelName,
  DataSource: {
    S3DataSource: { S3DataType: 'S3Prefix', S3Uri, S3DataDistributionType: 'FullyReplicated' },
  },
});

/** The key of the archive that a job's answer names, which must lie where this run's jobs write. */
export function modelArchiveKey(
  { workspace, runId, bucket }: Pick<TrainingJob, 'workspace' | 'runId' | 'bucket'>,
  s3Uri: string,
): string | undefined {
  const root = `s3://${bucket}/`;
  const folder = `${root}${runKey(workspace, runId, JOB_FOLDER)}/`;
  const safe = s3Uri.startsWith(folder) && s3Uri.endsWith('/output/model.tar.gz') && !s3Uri.includes('/../');
  return safe ? s3Uri.slice(root.length) : undefined;
}
