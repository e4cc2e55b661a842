import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Digest } from '../../lambdas/shared/digest.ts';
import { runTrainingJob } from '../../lambdas/training/aws/run-training-job.ts';
import { readTarGz } from '../../lambdas/training/tar-file.ts';
import { modelArchiveKey, type TrainingJobRequest, trainingJobRequest } from '../../lambdas/training/training-job.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';

const RUN = { workspace: 'default', runId: 'f'.repeat(32) };
const LIMITS = { maxBytes: 1_000_000, maxFiles: 10 };
const CODE = `default/scripts/${'a'.repeat(64)}/train.py`;

/** A zone with a script and two rows, and the request of the job that runs it. */
async function aJob(script: string, { attempt = 1, maxRuntimeSeconds = 60, entryPoint = ['python3'] } = {}) {
  const artifacts = memoryObjects('artifacts');
  await artifacts.put(CODE, script);
  await artifacts.put(`default/runs/${RUN.runId}/channels/train/train.csv`, 'wind,rain\n1,0\n2,1\n');
  const trainer = {
    ...{ kind: 'script', script: 'jobs/train.py', image: 'python:3', instanceType: 'ml.m5.large' },
    ...{
      sha256: `sha256:${'a'.repeat(64)}` as Digest,
      parameters: { l2: 2, name: 'x' },
      entryPoint,
      maxRuntimeSeconds,
    },
  } as const;
  const request = trainingJobRequest({ ...RUN, attempt, trainer: trainer as never, bucket: 'artifacts' });
  const job: TrainingJobRequest = { ...request, RoleArn: 'arn:aws:iam::000000000000:role/training' };
  const run = (maxSeconds = 60) => runTrainingJob({ artifacts, path: process.env['PATH'] ?? '', maxSeconds }, job);
  const files = async () => {
    const key = modelArchiveKey({ ...RUN, bucket: 'artifacts' }, (await run()).ModelArtifacts.S3ModelArtifacts);
    return readTarGz((await artifacts.get(key as string)) as Uint8Array, LIMITS);
  };
  return { artifacts, job, run, files };
}

/** Command lines of this machine's processes that have the text. */
const processesWith = (text: string): string[] => {
  const lines = existsSync('/proc/self/cmdline')
    ? readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? commandLine(pid) : []))
    : execFileSync('ps', ['-axo', 'args'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(text));
};
const commandLine = (pid: string): string[] => {
  try {
    return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
  } catch {
    return [];
  }
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
}

const report = `
import json, os
out = {"environment": dict(os.environ), "rows": open(os.environ["SM_CHANNEL_TRAIN"] + "/train.csv").read(),
  "config": json.load(open(os.environ["SM_INPUT_CONFIG_DIR"] + "/hyperparameters.json")), "folder": os.getcwd()}
json.dump(out, open(os.environ["SM_MODEL_DIR"] + "/report.json", "w"))
`;

describe('a training job in the local cloud', () => {
  test('gives the script its channel, its parameters and SageMaker’s variables, in a root of its own', async () => {
    const { files } = await aJob(report);
    const told = JSON.parse(Buffer.from((await files()).get('report.json') as Uint8Array).toString());
    expect(told.rows).toBe('wind,rain\n1,0\n2,1\n');
    expect(told.config).toEqual({ l2: '2', name: 'x' });
    expect(JSON.parse(told.environment.SM_HPS)).toEqual({ l2: 2, name: 'x' });
    expect(told.environment).toMatchObject({
      SM_MODEL_DIR: join(told.folder, 'model'),
      SM_CHANNEL_TRAIN: join(told.folder, 'input/data/train'),
      SM_CHANNEL_CODE: join(told.folder, 'input/data/code'),
      SM_OUTPUT_DATA_DIR: join(told.folder, 'output/data'),
      HOME: told.folder,
    });
  });

  test('shows the script nothing else of the environment, credentials least of all', async () => {
    process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';
    const { files } = await aJob(report);
    const told = JSON.parse(Buffer.from((await files()).get('report.json') as Uint8Array).toString());
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    expect(Object.keys(told.environment).filter((name) => name.startsWith('AWS'))).toEqual([]);
  });

  test('answers as DescribeTrainingJob does, and cleans up', async () => {
    const { run, job } = await aJob(report);
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('millrace-training-'));
    expect(await run()).toMatchObject({
      TrainingJobName: `millrace-${RUN.runId}-1`,
      TrainingJobStatus: 'Completed',
      ModelArtifacts: {
        S3ModelArtifacts: `s3://artifacts/default/runs/${RUN.runId}/job/${job.TrainingJobName}/output/model.tar.gz`,
      },
      HyperParameters: { l2: '2', name: 'x' },
    });
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('millrace-training-'))).toEqual(before);
  });

  test('runs a job once: the same name again finds the archive', async () => {
    const { run, artifacts } = await aJob(report);
    const first = await run();
    await artifacts.put(CODE, 'raise SystemExit(3)');
    expect(await run()).toEqual(first);
  });

  test('says with which code and words a script failed, and takes its reason from the failure file', async () => {
    const failing = `
import os, sys
os.makedirs("output", exist_ok=True)
open("output/failure", "w").write("no rain in the data")
sys.exit("goodbye")
`;
    const { run, artifacts } = await aJob(failing);
    await expect(run()).rejects.toMatchObject({
      name: 'TrainingScriptFailed',
      message: expect.stringMatching(/no rain in the data; script: ended with code 1; it said: goodbye/),
    });
    expect(artifacts.keys().filter((key) => key.includes('/job/'))).toEqual([]);
  });

  test('a program that is not there is an error of the job', async () => {
    const { run } = await aJob('', { entryPoint: ['no-such-program'] });
    await expect(run()).rejects.toMatchObject({
      name: 'TrainingScriptFailed',
      message: expect.stringMatching(/ENOENT/),
    });
  });

  test('ends a script whose time is up, with every process that it started, however far it ran away', async () => {
    const mark = `millrace-${Date.now()}`;
    const runaway = `
import subprocess, sys, time
code = "import time; time.sleep(60) # ${mark}"
subprocess.Popen([sys.executable, "-c", code])
subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
print("started", flush=True)
time.sleep(60)
`;
    const { run } = await aJob(runaway);
    await expect(run(2)).rejects.toMatchObject({
      name: 'TrainingScriptFailed',
      message: expect.stringMatching(/longer than 2 seconds.*started/s),
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(processesWith(mark)).toEqual([]);
  });

  test('leaves no process behind that a script started and did not wait for', async () => {
    const mark = `millrace-${Date.now()}`;
    const careless = `
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60) # ${mark}"])
`;
    await (await aJob(careless)).run();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(processesWith(mark)).toEqual([]);
  });

  test('a worker that is killed takes its script along', async () => {
    const pidFile = join(mkdtempSync(join(tmpdir(), 'millrace-test-')), 'pid');
    const script = `import os, time; open("${pidFile}", "w").write(str(os.getpid())); time.sleep(60)`;
    const runner = join(import.meta.dirname, '../../lambdas/training/aws/script-process.ts');
    const code = `import { runScript } from '${runner}';
      await runScript({ command: ['python3', '-c', ${JSON.stringify(script)}], folder: '/',
        environment: { PATH: process.env.PATH }, timeoutMs: 60000 });`;
    const worker = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
    await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    worker.kill('SIGKILL');
    await until(() => !isAlive(pid));
    expect(isAlive(pid)).toBe(false);
    rmSync(dirname(pidFile), { recursive: true });
  });

  test('does not take links out of the model folder', async () => {
    const { files } = await aJob(`
import os
os.symlink("/etc/hostname", os.environ["SM_MODEL_DIR"] + "/link")
open(os.environ["SM_MODEL_DIR"] + "/kept", "w").write("x")
`);
    expect([...(await files()).keys()]).toEqual(['kept']);
  });
});

test('the example script uses nothing but the standard library', () => {
  const script = readFileSync(join(import.meta.dirname, '../..', 'examples/weather/train_model.py'), 'utf8');
  const imports = [...script.matchAll(/^import (\w+)/gm)].map(([, name]) => name);
  expect(imports).toEqual(['csv', 'json', 'math', 'os', 'struct', 'sys']);
});
