import { describe, expect, test } from '@jest/globals';
import { digestOf, hexOf } from '../../lambdas/shared/digest.ts';
import { prepareJob, trainingCsv } from '../../lambdas/training/prepare-job.ts';
import { modelArchiveKey, TrainingJobRequest } from '../../lambdas/training/training-job.ts';
import { aSeattlePlatform } from '../builders/training-platform.ts';
import { rainSpecText } from '../builders/training-spec.ts';

const scripted = rainSpecText().replace(
  '{ kind: logistic-regression, l2: 1 }',
  '{ kind: script, script: jobs/train.py, image: python:3, parameters: { l2: 0.5, deep: true, name: x } }',
);

describe('the request of a training job', () => {
  test('is what SageMaker takes: the script and labelled rows as channels, one instance, no network', async () => {
    const platform = await aSeattlePlatform();
    await platform.apply(scripted, { 'jobs/train.py': 'print(1)' });
    const { runId } = await platform.start();
    const { request } = await prepareJob(platform.deps, { workspace: 'default', runId, attempt: 3 });
    expect(TrainingJobRequest.parse({ ...request, RoleArn: 'role' })).toEqual({ ...request, RoleArn: 'role' });
    expect(request).toMatchObject({
      TrainingJobName: `millrace-${runId}-3`,
      AlgorithmSpecification: {
        TrainingImage: 'python:3',
        TrainingInputMode: 'File',
        ContainerEntrypoint: ['python3', '/opt/ml/input/data/code/train.py'],
      },
      HyperParameters: { l2: '0.5', deep: 'true', name: 'x' },
      Environment: {
        SM_CHANNEL_TRAIN: '/opt/ml/input/data/train',
        SM_MODEL_DIR: '/opt/ml/model',
        SM_HPS: '{"deep":true,"l2":0.5,"name":"x"}',
      },
      OutputDataConfig: { S3OutputPath: `s3://artifacts/default/runs/${runId}/job` },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1 },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
      EnableNetworkIsolation: true,
    });
    expect(request.InputDataConfig.map(({ DataSource }) => DataSource.S3DataSource.S3Uri)).toEqual([
      `s3://artifacts/default/scripts/${hexOf(digestOf('print(1)'))}/`,
      `s3://artifacts/default/runs/${runId}/channels/train/`,
    ]);
    const csv = await platform.artifacts.get(`default/runs/${runId}/channels/train/train.csv`);
    const lines = Buffer.from(csv as Uint8Array)
      .toString()
      .split('\n');
    expect([lines.length, ...lines.slice(0, 3)]).toEqual([
      1095 + 2,
      'precipitation,temp_max,temp_min,wind,rain_tomorrow',
      '0,12.8,5,4.7,1',
      '10.9,10.6,2.8,4.5,1',
    ]);
  });

  test('has the names of columns as CSV has them', () => {
    const table = { names: ['a,b', 'c"d'], columns: [Float64Array.of(1), Float64Array.of(-0.5)] };
    expect(trainingCsv(table, 'y', Float64Array.of(1))).toBe('"a,b","c""d",y\n1,-0.5,1\n');
  });
});

describe('the archive that a job’s answer names', () => {
  const run = { workspace: 'default', runId: 'r1', bucket: 'artifacts' };
  const folder = 's3://artifacts/default/runs/r1/job';

  test('is taken from where this run’s jobs write', () => {
    expect(modelArchiveKey(run, `${folder}/millrace-r1-1/output/model.tar.gz`)).toBe(
      'default/runs/r1/job/millrace-r1-1/output/model.tar.gz',
    );
  });

  test.each([
    ['another bucket', 's3://elsewhere/default/runs/r1/job/x/output/model.tar.gz'],
    ['another run', 's3://artifacts/default/runs/r2/job/x/output/model.tar.gz'],
    ['a way out', `${folder}/../../r2/output/model.tar.gz`],
    ['another file', `${folder}/x/output/model.onnx`],
    ['no S3', 'https://example.com/output/model.tar.gz'],
  ])('is not taken from %s', (_, uri) => {
    expect(modelArchiveKey(run, uri)).toBeUndefined();
  });
});
