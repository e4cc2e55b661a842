import '../seed.ts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CollectDeps } from '../../lambdas/data/collect-records.ts';
import { collectRecordsConsumer } from '../../lambdas/data/handlers/collect-records.ts';
import { parseRawKey } from '../../lambdas/data/raw-key.ts';
import { aKinesisEvent } from '../builders/kinesis-event.ts';
import { rawLines } from '../builders/records.ts';
import { faulty } from '../fakes/faulty.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

function aCollector() {
  const raw = memoryObjects('raw');
  const logger = recordingLogger();
  const deps: CollectDeps = { raw, logger, workspace: 'team', dataset: 'readings' };
  return { raw, logger, deps, collect: (event = aKinesisEvent([])) => collectRecordsConsumer.with(deps).handle(event) };
}

describe('a delivery of a stream', () => {
  test('becomes one raw object below its dataset, in the order of the shard', async () => {
    const { raw, collect } = aCollector();
    await collect(aKinesisEvent(['{"id":2}', '{"id":1}', '{"id":2}']));
    const [[key, lines], ...rest] = Object.entries(await rawLines(raw)) as [[string, string[]]];
    expect(rest).toEqual([]);
    expect(lines).toEqual(['{"id":2}', '{"id":1}', '{"id":2}']);
    // The day is that of the first record's arrival; the upload id is one that an ingestion can have.
    expect(key).toMatch(/^team\/readings\/2018-12-17\/[0-9a-f]{26}\/records\.jsonl$/);
    expect(parseRawKey(key).uploadId).toBe(key.split('/')[3]);
  });

  test('with poison has it in its place, and everything else as well', async () => {
    const { raw, logger, collect } = aCollector();
    await collect(aKinesisEvent(['{"id":1}', Uint8Array.of(0xff, 0x00), 'not json', '{"id":2}']));
    const [lines] = Object.values(await rawLines(raw));
    expect(lines).toEqual([
      '{"id":1}',
      expect.stringMatching(/^poison shardId-000000000006\/\d+ not-utf-8 base64:\/wA=$/),
      'not json',
      '{"id":2}',
    ]);
    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        message: 'collected',
        fields: expect.objectContaining({ records: 4, poison: 2, outcome: 'created' }),
      }),
    );
    expect(JSON.stringify(logger.lines)).not.toContain('not json');
  });

  test('that comes again is the same object, whether or not it had been written', async () => {
    const { raw, deps, collect } = aCollector();
    const event = aKinesisEvent(['{"id":1}', '{"id":2}']);
    for (const fault of ['before', 'after'] as const) {
      const dying = collectRecordsConsumer.with({ ...deps, raw: faulty(raw, () => fault) });
      await expect(dying.handle(event)).rejects.toThrow();
    }
    await collect(event);
    expect(Object.values(await rawLines(raw))).toEqual([['{"id":1}', '{"id":2}']]);
  });

  test('that fails fails whole: nothing of it is passed over', async () => {
    const { deps } = aCollector();
    const broken = { ...deps.raw, create: () => Promise.reject(new Error('no answer')) };
    await expect(
      collectRecordsConsumer.with({ ...deps, raw: broken }).handle(aKinesisEvent(['{"id":1}'])),
    ).rejects.toThrow('no answer');
  });

  test('and the next one, or that of another shard with the same numbers, are other objects', async () => {
    const { raw, collect } = aCollector();
    await collect(aKinesisEvent(['{"id":1}'], 1));
    await collect(aKinesisEvent(['{"id":2}'], 2));
    await collect(aKinesisEvent(['{"id":3}'], 1, 'shardId-000000000007'));
    expect(raw.keys()).toHaveLength(3);
  });

  test('cut in two after a failure has each record in one of both parts', async () => {
    const { raw, collect } = aCollector();
    await collect(aKinesisEvent(['{"id":1}'], 1));
    await collect(aKinesisEvent(['{"id":2}', '{"id":3}'], 2));
    expect(
      Object.values(await rawLines(raw))
        .flat()
        .sort(),
    ).toEqual(['{"id":1}', '{"id":2}', '{"id":3}']);
  });

  test('without records writes nothing', async () => {
    const { raw, collect } = aCollector();
    await collect();
    expect(raw.keys()).toEqual([]);
  });
});

describe('any deliveries of a shard', () => {
  test('bring every record into the raw zone, and twice only what was cut in another way after it was written', async () => {
    const part = fc.record({
      size: fc.integer({ min: 1, max: 6 }),
      fault: fc.constantFrom(undefined, 'before' as const, 'after' as const),
      /** After a failure: the same records again, or their halves one after the other. */
      cut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 8 }), async (parts) => {
        const { raw, deps, collect } = aCollector();
        const dataOf = (from: number, size: number) =>
          Array.from({ length: size }, (_, i) => ((from + i) % 5 === 0 ? `poison ${from + i}` : `{"id":${from + i}}`));
        let from = 1;
        const twice = new Set<string>();
        for (const { size, fault, cut } of parts) {
          const data = dataOf(from, size);
          const delivery = () => aKinesisEvent(data, from);
          if (fault) {
            const dying = collectRecordsConsumer.with({ ...deps, raw: faulty(raw, () => fault) });
            await expect(dying.handle(delivery())).rejects.toThrow();
          }
          const half = Math.floor(size / 2);
          if (fault && cut && half > 0) {
            await collect(aKinesisEvent(data.slice(0, half), from));
            await collect(aKinesisEvent(data.slice(half), from + half));
            if (fault === 'after') for (const line of data) twice.add(line);
          } else await collect(delivery());
          from += size;
        }
        const lines = Object.values(await rawLines(raw)).flat();
        for (const line of dataOf(1, from - 1))
          expect([line, lines.filter((each) => each === line).length]).toEqual([line, twice.has(line) ? 2 : 1]);
        expect(new Set(lines).size).toBe(from - 1);
      }),
      { numRuns: 40 },
    );
  });
});
