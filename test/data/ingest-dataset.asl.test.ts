import { describe, expect, test } from '@jest/globals';
import { DataErrors } from '../../lambdas/data/contract.ts';
import { createDataset } from '../../lambdas/data/dataset.ts';
import { finishIngestionTask } from '../../lambdas/data/handlers/finish-ingestion.ts';
import { ingestObjectTask } from '../../lambdas/data/handlers/ingest-object.ts';
import { ingestPartTask } from '../../lambdas/data/handlers/ingest-part.ts';
import { recordFailureTask } from '../../lambdas/data/handlers/record-failure.ts';
import { ingestionFact } from '../../lambdas/data/ingestion.ts';
import type { Refinery } from '../../lambdas/data/ports.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import { aSpec } from '../builders/dataset.ts';
import { lineRefinery } from '../fakes/line-refinery.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { runWorkflow } from '../fakes/workflow.ts';

const FILE = 'data/ingest-dataset';
const UPLOAD = '0123456789abcdefghjkmnpqrs';
const KEY = `default/things/2026-01-05/${UPLOAD}/a.csv`;

/** S3's event, as the developer guide of EventBridge shows it. */
const anEvent = (object: Record<string, unknown> = {}) => ({
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: {
    version: '0',
    bucket: { name: 'raw' },
    object: { key: KEY, size: 4, etag: 'b1946ac92492d2347c6235b4d2611184', sequencer: '617f08299329d189', ...object },
    reason: 'PutObject',
  },
});

/** The workflow over the real tasks, with the ports in memory; `trouble` is thrown before its call of either task. */
interface Trouble {
  ingest?: (call: number) => void;
  part?: (call: number, respec: () => Promise<unknown>) => unknown;
  record?: () => void;
  partBytes?: number;
}
async function ingestion(content: string, trouble: Trouble = {}) {
  const table = memoryTable();
  const zones = { raw: memoryObjects('raw'), curated: memoryObjects('curated') };
  await zones.raw.put(KEY, content);
  const text = JSON.stringify(aSpec());
  await createDataset(table, { workspace: 'default', dataset: 'things', text, actor: 'a', at: '2026-01-05T00:00:00Z' });
  const clock = () => new Date('2026-01-05T09:00:00Z');
  const asked: unknown[] = [];
  let calls = 0;
  const lines = lineRefinery(zones);
  const refinery: Refinery = {
    ...lines,
    async refine(request) {
      trouble.ingest?.(calls++);
      return lines.refine(request);
    },
    async refinePart(request, plan, part) {
      await trouble.part?.(calls++, respec);
      return lines.refinePart(request, plan, part);
    },
  };
  const respec = () =>
    createDataset(table, {
      ...{ workspace: 'default', dataset: 'things', actor: 'a', at: '2026-01-05T00:00:00Z' },
      text: JSON.stringify(aSpec({ owner: 'others' })),
    });
  const deps = {
    table,
    curated: zones.curated,
    refinery,
    clock,
    partBytes: trouble.partBytes ?? 1000,
    prove: async () => true,
  };
  const mounted = {
    'ingest-object': ingestObjectTask.with(deps),
    'ingest-part': ingestPartTask.with(deps),
    'finish-ingestion': finishIngestionTask.with(deps),
    'record-failure': {
      handle: async (input: never) => {
        trouble.record?.();
        return recordFailureTask.with({ table, clock }).handle(input);
      },
    },
  };
  const run = (input: unknown) =>
    runWorkflow(FILE, {
      input,
      invoke: async (target, payload) => {
        expect(target).toBe('${IngestFunction}');
        asked.push(payload);
        const { task, input: given } = payload as { task: keyof typeof mounted; input: never };
        return mounted[task].handle(given);
      },
    });
  return { run, asked, fact: () => ingestionFact(table, 'default', 'things', UPLOAD) };
}

const throttled = () => {
  throw SharedErrors.ServiceThrottled('the table is throttled');
};

const AT_ONCE = ['IngestObject', 'WasItSplit', 'Ended'];

describe('the state machine data/ingest-dataset', () => {
  test('takes an object into its dataset and ends with what became of it', async () => {
    const { run, fact } = await ingestion('1\n2\n');
    const end = await run(anEvent({ 'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e' }));
    expect(end).toMatchObject({ status: 'SUCCEEDED', visited: AT_ONCE, output: { status: 'succeeded' } });
    expect(await fact()).toMatchObject({
      status: 'succeeded',
      rows: 2,
      objectVersion: 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
    });
  });

  test('takes an object of a zone without version ids by its ETag', async () => {
    const { run, asked, fact } = await ingestion('1\n2\n');
    expect(await run(anEvent())).toMatchObject({ status: 'SUCCEEDED' });
    const object = { key: KEY, bytes: 4, etag: 'b1946ac92492d2347c6235b4d2611184' };
    expect(asked).toEqual([{ task: 'ingest-object', input: { object } }]);
    expect(await fact()).toMatchObject({ objectVersion: object.etag });
  });

  test('succeeds also when it refuses the file: that is what it is for', async () => {
    const { run, fact } = await ingestion('%PDF');
    const end = await run(anEvent());
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: { status: 'refused', error: { name: 'CsvUnparsable' } } });
    expect(await fact()).toMatchObject({ status: 'refused', error: { name: 'CsvUnparsable' } });
  });

  test('tries again what may pass', async () => {
    const { run, fact } = await ingestion('1\n2\n', { ingest: (call) => call < 3 && throttled() });
    expect(await run(anEvent())).toMatchObject({ status: 'SUCCEEDED', visited: AT_ONCE });
    expect(await fact()).toMatchObject({ status: 'succeeded', rows: 2 });
  });

  test('records what does not pass, and fails', async () => {
    const { run, fact } = await ingestion('1\n2\n', { ingest: throttled });
    const end = await run(anEvent());
    expect(end).toMatchObject({ status: 'FAILED', error: 'ServiceThrottled' });
    expect(end.visited).toEqual(['IngestObject', 'RecordFailure', 'IngestionFailed']);
    const error = { name: 'ServiceThrottled', message: 'the table is throttled' };
    expect(await fact()).toMatchObject({ status: 'failed', error });
  });

  test('does not try again what is wrong here for good', async () => {
    const damaged = () => {
      throw DataErrors.CuratedFileDamaged('default/things/train/x.parquet: got nothing');
    };
    const { run, asked } = await ingestion('1\n2\n', { ingest: damaged });
    expect(await run(anEvent())).toMatchObject({ status: 'FAILED', error: 'CuratedFileDamaged' });
    expect(asked.map((payload) => (payload as { task: string }).task)).toEqual(['ingest-object', 'record-failure']);
  });

  test('fails with both errors when the failure could not be recorded', async () => {
    const { run, asked } = await ingestion('1\n2\n', { ingest: throttled, record: throttled });
    const end = await run(anEvent());
    expect(end).toMatchObject({ status: 'FAILED', error: 'FailureNotRecorded' });
    expect(end.visited).toEqual(['IngestObject', 'RecordFailure', 'FailureNotRecorded']);
    expect(end.cause).toMatch(/^ServiceThrottled: .*the table is throttled/);
    expect(asked).toHaveLength(5 + 6);
  });

  test('has nothing to record for an object that it cannot even name, and says so at once', async () => {
    const { run, asked } = await ingestion('1\n2\n');
    const end = await run(anEvent({ size: 'large' }));
    expect(end).toMatchObject({ status: 'FAILED', error: 'FailureNotRecorded' });
    expect(end.cause).toMatch(/InvalidInput: .*object.bytes: got/);
    expect(asked).toHaveLength(2);
  });

  test('takes a large object part by part, and then all of it', async () => {
    const { run, asked, fact } = await ingestion('1\n2\n', { partBytes: 2 });
    const end = await run(anEvent());
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: { status: 'succeeded' } });
    expect(asked.map((payload) => (payload as { task: string }).task)).toEqual([
      'ingest-object',
      'ingest-part',
      'ingest-part',
      'finish-ingestion',
    ]);
    expect(await fact()).toMatchObject({ status: 'succeeded', rows: 2 });
  });

  test('begins again with a large object when the spec changes under its parts', async () => {
    const part = async (call: number, respec: () => Promise<unknown>) => call === 0 && respec();
    const { run, asked, fact } = await ingestion('1\n2\n', { partBytes: 2, part });
    expect(await run(anEvent())).toMatchObject({ status: 'SUCCEEDED', output: { status: 'succeeded' } });
    const tasks = asked.map((payload) => (payload as { task: string }).task);
    expect(tasks.filter((task) => task === 'ingest-object')).toHaveLength(2);
    expect(await fact()).toMatchObject({ status: 'succeeded', rows: 2 });
  });

  test('refuses a large object for what is in one of its parts', async () => {
    const part = () => {
      throw DataErrors.CsvUnparsable('row 3: got "x');
    };
    const { run, fact } = await ingestion('1\n2\n', { partBytes: 2, part });
    expect(await run(anEvent())).toMatchObject({ status: 'SUCCEEDED', output: { status: 'refused' } });
    expect(await fact()).toMatchObject({ status: 'refused', error: { name: 'CsvUnparsable' } });
  });

  test('records what keeps a part from being taken, and fails', async () => {
    const { run, fact } = await ingestion('1\n2\n', { partBytes: 2, part: throttled });
    expect(await run(anEvent())).toMatchObject({ status: 'FAILED', error: 'ServiceThrottled' });
    expect(await fact()).toMatchObject({ status: 'failed', error: { name: 'ServiceThrottled' } });
  });
});
