import { createDataset } from '../../lambdas/data/dataset.ts';
import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { type FlushDeps, flushRecords } from '../../lambdas/data/flush-records.ts';
import type { FlushInput } from '../../lambdas/data/record-routes.ts';
import type { SendDeps } from '../../lambdas/data/send-records.ts';
import type { ObjectStore } from '../../lambdas/shared/objects.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { aSpec } from './dataset.ts';

export const RECORDS_AT = '2026-01-05T23:59:30.000Z';
export const THINGS = { workspace: 'default', dataset: 'things' };
export const aRecord = (id: number, more: object = {}) => ({ id, day: '2019-01-01', ...more });

/** Dataset `things` with its buffer in memory, and the executions that were started, in order, each name once. */
export async function aRecordWorld(spec: Partial<DatasetSpec> = {}) {
  const table = memoryTable();
  const buffer = memoryTable();
  const raw = memoryObjects('raw');
  await createDataset(table, {
    ...THINGS,
    text: JSON.stringify(aSpec(spec)),
    actor: 'a',
    at: '2026-01-05T00:00:00.000Z',
  });
  const started = new Map<string, FlushInput>();
  let now = new Date(RECORDS_AT);
  let ids = 0;
  const deps: SendDeps = {
    table,
    buffer,
    startFlush: async (name, input) => void (started.has(name) || started.set(name, input)),
    clock: () => now,
    newId: () => String(++ids).padStart(26, '0'),
    retry: { sleep: async () => {} },
  };
  const flushDeps: FlushDeps = { buffer, raw };
  return {
    deps,
    flushDeps,
    table,
    buffer,
    raw,
    started,
    later: (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1000);
    },
    /** As the executions do when their time has come. */
    flush: async (ports: FlushDeps = flushDeps) => {
      for (const input of started.values()) await flushRecords(ports, input);
    },
    /** What is in the buffer and is not the memory of batches that were taken. */
    buffered: () => buffer.items().filter(({ sk }) => sk !== 'marker'),
  };
}

/** The lines of every object of the raw zone, by the object's key. */
export async function rawLines(raw: ObjectStore): Promise<Record<string, string[]>> {
  const keys = await raw.list('');
  const texts = await Promise.all(keys.map((key) => raw.get(key)));
  return Object.fromEntries(
    keys.map((key, i) => [
      key,
      Buffer.from(texts[i] as Uint8Array)
        .toString('utf8')
        .split('\n')
        .slice(0, -1),
    ]),
  );
}
