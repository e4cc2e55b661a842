import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { ObjectStore } from '../../shared/objects.ts';
import { TrainingErrors } from '../errors.ts';
import { writeTarGz } from '../tar-file.ts';
import { CONTAINER_ROOT, type TrainingJobRequest } from '../training-job.ts';
import { runScript } from './script-process.ts';

export interface TrainingJobDeps {
  /** The one zone that jobs read from and write to. */
  artifacts: ObjectStore;
  /** Where `python3` and the like are found. */
  path: string;
  /** A job gets no longer than this, whatever it asks for: the function that runs it ends. */
  maxSeconds: number;
}

/** The parts of DescribeTrainingJob's answer that a finished job has. */
export interface FinishedTrainingJob extends TrainingJobRequest {
  TrainingJobArn: string;
  TrainingJobStatus: 'Completed';
  SecondaryStatus: 'Completed';
  ModelArtifacts: { S3ModelArtifacts: string };
}

/**
 * The local cloud's training service: takes a CreateTrainingJob request, runs its entry point as a process of this
 * machine in a folder that stands for the container's `/opt/ml`, and answers as DescribeTrainingJob would.
 * A job whose archive is there is not run again.
 *
 * @throws TrainingScriptFailed, TrainingOutputInvalid
 */
export async function runTrainingJob(deps: TrainingJobDeps, job: TrainingJobRequest): Promise<FinishedTrainingJob> {
  const archive = `${keyIn(deps.artifacts, job.OutputDataConfig.S3OutputPath)}/${job.TrainingJobName}/output/model.tar.gz`;
  if (!(await deps.artifacts.head(archive))) {
    const root = mkdtempSync(join(tmpdir(), 'millrace-training-'));
    try {
      await fillInputs(deps.artifacts, job, root);
      await run(deps, job, root);
      await deps.artifacts.put(archive, writeTarGz(filesBelow(join(root, 'model'))), 'application/gzip');
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }
  return {
    ...job,
    TrainingJobArn: `arn:aws:sagemaker:local:000000000000:training-job/${job.TrainingJobName}`,
    TrainingJobStatus: 'Completed',
    SecondaryStatus: 'Completed',
    ModelArtifacts: { S3ModelArtifacts: `s3://${deps.artifacts.bucket}/${archive}` },
  };
}

/** The folders and files that SageMaker lays out before a container starts. */
async function fillInputs(artifacts: ObjectStore, job: TrainingJobRequest, root: string): Promise<void> {
  for (const folder of ['input/config', 'input/data', 'model', 'output/data', 'tmp']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, 'input/config/hyperparameters.json'), JSON.stringify(job.HyperParameters));
  for (const { ChannelName, DataSource } of job.InputDataConfig) {
    const prefix = keyIn(artifacts, DataSource.S3DataSource.S3Uri);
    for (const key of await artifacts.list(prefix)) {
      const file = join(root, 'input/data', ChannelName, key.slice(prefix.length));
      if (relative(root, file).startsWith('..')) continue;
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, (await artifacts.get(key)) as Uint8Array);
    }
  }
}

async function run({ path, maxSeconds }: TrainingJobDeps, job: TrainingJobRequest, root: string): Promise<void> {
  const inRoot = (text: string) => (text.startsWith(CONTAINER_ROOT) ? root + text.slice(CONTAINER_ROOT.length) : text);
  const environment = Object.fromEntries(Object.entries(job.Environment).map(([name, value]) => [name, inRoot(value)]));
  const seconds = Math.min(job.StoppingCondition.MaxRuntimeInSeconds, maxSeconds);
  try {
    await runScript({
      command: job.AlgorithmSpecification.ContainerEntrypoint.map(inRoot),
      folder: root,
      environment: {
        PATH: path,
        HOME: root,
        TMPDIR: join(root, 'tmp'),
        LANG: 'C.UTF-8',
        TRAINING_JOB_NAME: job.TrainingJobName,
        ...environment,
      },
      timeoutMs: seconds * 1000,
    });
  } catch (error) {
    throw withReason(error as Error, join(root, 'output/failure'));
  }
}

/** A script may say why it failed in `/opt/ml/output/failure`; SageMaker takes its first 1,024 characters. */
function withReason(error: Error, failureFile: string): Error {
  try {
    const reason = readFileSync(failureFile, 'utf8').slice(0, 1024);
    return TrainingErrors.TrainingScriptFailed(`${reason}; ${error.message}`, { cause: error });
  } catch {
    return error;
  }
}

/** The regular files below a folder; a link is not followed and not taken. */
function filesBelow(folder: string, below = ''): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory()) for (const [name, bytes] of filesBelow(folder, path)) files.set(name, bytes);
    if (!entry.isFile()) continue;
    if (statSync(join(folder, path)).size > MAX_MODEL_BYTES) {
      throw TrainingErrors.TrainingOutputInvalid(`${path}: is larger than ${MAX_MODEL_BYTES} bytes`);
    }
    files.set(path, readFileSync(join(folder, path)));
  }
  return files;
}

/** Of one file; it passes through this function's memory. */
const MAX_MODEL_BYTES = 128 * 1024 * 1024;

function keyIn({ bucket }: ObjectStore, uri: string): string {
  const root = `s3://${bucket}/`;
  if (uri.startsWith(root)) return uri.slice(root.length);
  throw TrainingErrors.TrainingOutputInvalid(`uri: got ${uri}, training jobs read and write below ${root}`);
}
