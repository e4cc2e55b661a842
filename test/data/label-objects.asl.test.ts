import { describe, expect, test } from '@jest/globals';
import type { DatasetSpec } from '../../lambdas/data/contract.ts';
import { createDataset } from '../../lambdas/data/dataset.ts';
import { collectLabelsTask } from '../../lambdas/data/handlers/collect-labels.ts';
import { prepareLabellingTask } from '../../lambdas/data/handlers/prepare-labelling.ts';
import { parseRawKey } from '../../lambdas/data/raw-key.ts';
import { aLabelSpec } from '../builders/dataset.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { runWorkflow } from '../fakes/workflow.ts';

const FUNCTIONS = 'arn:aws:lambda:us-east-1:432418664414:function';
const settings = { workteamArn: 'arn:team', roleArn: 'arn:role', functions: FUNCTIONS, labellersPerItem: 3 };
const columns = {
  ...aLabelSpec().columns,
  label: { type: 'string', role: 'target', values: ['clear', 'cloudy'] },
  confidence: { type: 'double', role: 'feature', nullable: true },
} as DatasetSpec['columns'];
const images = ['p1', 'p2', 'p3'].map((id) => ({ id, image: `default/sky/2026-01-05/u/${id}.jpg` }));

/** A line as the developer guide documents it for each task type, over what the job's input manifest had. */
function answered(line: string, type: string, label: string): string {
  const metadata = {
    ...{ 'class-name': label, confidence: 0.8, type: `groundtruth/${type}`, 'job-name': 'labeling-job/x' },
    ...{ 'human-annotated': 'yes', 'creation-date': '2026-01-09T22:18:13.527256' },
  };
  return JSON.stringify({ ...(JSON.parse(line) as object), label: 0, 'label-metadata': metadata });
}

/** The workflow over the real tasks, and a service that answers as Ground Truth does. */
async function labelling(
  items: object[],
  { spec = aLabelSpec({ columns }), statuses = ['Completed'], exists = false, type = 'image-classification' } = {},
) {
  const table = memoryTable();
  const zones = { raw: memoryObjects('raw'), curated: memoryObjects('curated') };
  const text = JSON.stringify(spec);
  await createDataset(table, {
    workspace: 'default',
    dataset: spec.dataset,
    text,
    actor: 'a',
    at: '2026-01-05T00:00:00Z',
  });
  const deps = { table, ...zones, settings, clock: () => new Date('2026-02-01T00:00:00Z') };
  const tasks = {
    'prepare-labelling': prepareLabellingTask.with(deps),
    'collect-labels': collectLabelsTask.with(deps),
  };
  const requests: Record<string, unknown>[] = [];
  const left = [...statuses];
  const service = async (target: string, given: Record<string, unknown>) => {
    if (target === '${CreateLabelingJob}') {
      requests.push(given);
      if (exists) throw Object.assign(new Error('the job exists'), { name: 'SageMaker.ResourceInUseException' });
      return { LabelingJobArn: 'arn:job' };
    }
    expect(given).toEqual({ LabelingJobName: requests[0]?.['LabelingJobName'] });
    const LabelingJobStatus = left.length > 1 ? left.shift() : left[0];
    const folder = 'default/sky-labels/labelling/r1';
    const manifest = Buffer.from((await zones.curated.get(`${folder}/input.manifest`)) as Uint8Array).toString();
    const lines = manifest
      .trim()
      .split('\n')
      .map((line, i) => answered(line, type, i === 1 ? 'cloudy' : 'clear'));
    await zones.curated.put(
      `${folder}/output/${String(given['LabelingJobName'])}/manifests/output/output.manifest`,
      `${lines.join('\n')}\n`,
    );
    return { LabelingJobStatus, ...(LabelingJobStatus === 'Failed' && { FailureReason: 'no images' }) };
  };
  const run = () =>
    runWorkflow('data/label-objects', {
      input: { workspace: 'default', dataset: spec.dataset, run: 'r1', items },
      invoke: async (target, payload) => {
        if (target !== '${JobsFunction}') return service(target, payload as Record<string, unknown>);
        const { task, input } = payload as { task: keyof typeof tasks; input: never };
        return tasks[task].handle(input);
      },
    });
  const readText = async (key: string) => Buffer.from((await zones.curated.get(key)) as Uint8Array).toString();
  return { run, requests, zones, read: readText };
}

describe('the state machine data/label-objects', () => {
  test('has people label images, waits for them, and puts their labels into the label set', async () => {
    const { run, requests, zones, read } = await labelling(images, {
      statuses: ['InProgress', 'InProgress', 'Completed'],
    });
    const end = await run();
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: { labels: 3, failed: 0, written: 'created' } });
    expect(end.visited.filter((state) => state === 'AwaitLabels')).toHaveLength(3);
    expect(requests).toEqual([
      expect.objectContaining({
        LabelingJobName: expect.stringMatching(/^millrace-r1-[0-9a-f]{12}$/),
        LabelAttributeName: 'label',
        RoleArn: 'arn:role',
        HumanTaskConfig: expect.objectContaining({
          WorkteamArn: 'arn:team',
          PreHumanTaskLambdaArn: `${FUNCTIONS}:PRE-ImageMultiClass`,
          AnnotationConsolidationConfig: { AnnotationConsolidationLambdaArn: `${FUNCTIONS}:ACS-ImageMultiClass` },
          NumberOfHumanWorkersPerDataObject: 3,
        }),
      }),
    ]);
    expect(JSON.parse(await read('default/sky-labels/labelling/r1/classes.json'))).toEqual({
      'document-version': '2018-11-28',
      labels: [{ label: 'clear' }, { label: 'cloudy' }],
    });
    const { key } = end.output as { key: string };
    expect(parseRawKey(key)).toMatchObject({
      dataset: 'sky-labels',
      uploadId: (end.output as { uploadId: string }).uploadId,
    });
    const rows = Buffer.from((await zones.raw.get(key)) as Uint8Array)
      .toString()
      .trim()
      .split('\n');
    expect(JSON.parse(rows[1] as string)).toEqual({
      ...{ photo: 'p2', label: 'cloudy', at: '2026-01-09', confidence: 0.8 },
      labeller: `ground-truth/${String(requests[0]?.['LabelingJobName'])}`,
    });
  });

  test('has them label texts as well', async () => {
    const texts = [{ id: 't1', text: 'bright' }];
    const { run, requests } = await labelling(texts, { type: 'text-classification' });
    expect(await run()).toMatchObject({ status: 'SUCCEEDED' });
    expect(JSON.stringify(requests)).toContain('PRE-TextMultiClass');
  });

  test('goes on with the job that is there when it has made it before, and writes its labels once', async () => {
    const { run } = await labelling(images, { exists: true });
    expect(await run()).toMatchObject({ status: 'SUCCEEDED', output: { written: 'created' } });
    expect(await run()).toMatchObject({ status: 'SUCCEEDED', output: { written: 'exists' } });
  });

  test.each([
    ['Failed', 'no images'],
    ['Stopped', ''],
  ])('says so when the job is %s', async (status, reason) => {
    const { run } = await labelling(images, { statuses: [status] });
    const end = await run();
    expect([end.status, end.error]).toEqual(['FAILED', 'LabellingEndedEarly']);
    expect(end.cause).toContain(`is ${status}: ${reason}`);
  });

  test.each<[string, object[], DatasetSpec, string]>([
    ['images and texts together', [...images, { id: 't', text: 'x' }], aLabelSpec({ columns }), 'LabelSetUnfit'],
    ['a label set without classes', images, aLabelSpec(), 'LabelSetUnfit'],
    [
      'an image of another workspace',
      [{ id: 'x', image: 'others/sky/p.jpg' }],
      aLabelSpec({ columns }),
      'RawKeyInvalid',
    ],
    ['no item', [], aLabelSpec({ columns }), 'InvalidInput'],
  ])('makes no job of %s', async (_what, items, spec, error) => {
    const { run, requests } = await labelling(items, { spec });
    expect(await run()).toMatchObject({ status: 'FAILED', error });
    expect(requests).toEqual([]);
  });
});
