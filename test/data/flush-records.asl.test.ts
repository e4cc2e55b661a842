import { describe, expect, test } from '@jest/globals';
import { flushRecordsTask } from '../../lambdas/data/handlers/flush-records.ts';
import { recordFlushFailureTask } from '../../lambdas/data/handlers/record-flush-failure.ts';
import { ingestionFact } from '../../lambdas/data/ingestion.ts';
import { sendRecords } from '../../lambdas/data/send-records.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import type { ObjectStore } from '../../lambdas/shared/objects.ts';
import { aRecord, aRecordWorld, rawLines, THINGS } from '../builders/records.ts';
import { runWorkflow } from '../fakes/workflow.ts';

/** The workflow over the real tasks; `create` and `record` may throw before they do anything, by the number of the call, from 1. */
async function aFlush(trouble: { create?: (call: number) => void; record?: () => void } = {}) {
  const world = await aRecordWorld();
  const { uploadId } = await sendRecords(world.deps, { ...THINGS, records: [aRecord(1), aRecord(2)] });
  let creates = 0;
  let records = 0;
  const raw: ObjectStore = {
    ...world.raw,
    create: async (...given) => {
      creates++;
      trouble.create?.(creates);
      return world.raw.create(...given);
    },
  };
  const mounted = {
    'flush-records': flushRecordsTask.with({ buffer: world.buffer, raw }),
    'record-flush-failure': {
      handle: async (input: never) => {
        records++;
        trouble.record?.();
        return recordFlushFailureTask.with({ table: world.table, clock: world.deps.clock }).handle(input);
      },
    },
  };
  const run = (input: unknown = [...world.started.values()][0]) =>
    runWorkflow('data/flush-records', {
      input,
      invoke: async (target, payload) => {
        expect(target).toBe('${FlushFunction}');
        const { task, input: given } = payload as { task: keyof typeof mounted; input: never };
        return mounted[task].handle(given);
      },
    });
  const fact = () => ingestionFact(world.table, THINGS.workspace, THINGS.dataset, uploadId as string);
  return { ...world, run, fact, calls: () => ({ creates, records }) };
}

const throttled = () => {
  throw SharedErrors.ServiceThrottled('the table is throttled');
};

describe('the state machine data/flush-records', () => {
  test('waits, makes one object, and ends with its key', async () => {
    const { run, raw } = await aFlush();
    const end = await run();
    expect(end).toMatchObject({ status: 'SUCCEEDED', visited: ['LetItGrow', 'FlushRecords'], output: { records: 2 } });
    expect(raw.keys()).toEqual([(end.output as { key: string }).key]);
  });

  test('of a segment that is flushed already succeeds and writes nothing', async () => {
    const { run, raw } = await aFlush();
    await run();
    expect(await run()).toMatchObject({ status: 'SUCCEEDED', output: { key: raw.keys()[0] } });
    expect(raw.keys()).toHaveLength(1);
  });

  test('tries again what may pass, and until then the records are where they were', async () => {
    const { run, raw } = await aFlush({ create: (call) => call <= 6 && throttled() });
    expect(await run()).toMatchObject({ status: 'SUCCEEDED', output: { records: 2 } });
    expect(Object.values(await rawLines(raw))).toMatchObject([{ length: 2 }]);
  });

  test('puts what does not pass on the ingestion that the sender asks for, and fails; started again it goes on', async () => {
    let broken = true;
    const { run, fact, buffered, raw } = await aFlush({ create: () => broken && throttled() });
    const end = await run();
    expect(end).toMatchObject({ status: 'FAILED', error: 'ServiceThrottled' });
    expect(end.visited).toEqual(['LetItGrow', 'FlushRecords', 'RecordFailure', 'FlushFailed']);
    expect(await fact()).toMatchObject({ status: 'failed', error: { name: 'ServiceThrottled' } });
    expect(buffered()).not.toEqual([]);
    broken = false;
    expect(await run()).toMatchObject({ status: 'SUCCEEDED', output: { records: 2 } });
    expect([raw.keys().length, buffered()]).toEqual([1, []]);
  });

  test('fails with both errors when the failure could not be recorded', async () => {
    const { run, calls } = await aFlush({ create: throttled, record: throttled });
    const end = await run();
    expect(end).toMatchObject({ status: 'FAILED', error: 'FailureNotRecorded' });
    expect(end.cause).toMatch(/^ServiceThrottled: .*the table is throttled/);
    expect(calls()).toEqual({ creates: 9, records: 6 });
  });

  test('does not try again what names no segment', async () => {
    const { run, calls } = await aFlush();
    const end = await run({ ...THINGS, segment: 'x', openedAt: 'yesterday', seconds: 1 });
    expect(end).toMatchObject({ status: 'FAILED', error: 'FailureNotRecorded' });
    expect(calls()).toEqual({ creates: 0, records: 1 });
  });
});
