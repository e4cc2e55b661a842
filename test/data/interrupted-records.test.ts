import '../seed.ts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FlushDeps, flushRecords } from '../../lambdas/data/flush-records.ts';
import { type SendDeps, sendRecords } from '../../lambdas/data/send-records.ts';
import { aRecord, aRecordWorld, rawLines, THINGS } from '../builders/records.ts';
import { AnswerLost, type Fault, faultRate, faulty, seededRandom, untilAnswered } from '../fakes/faulty.ts';

type World = Awaited<ReturnType<typeof aRecordWorld>>;
type Turn = () => Promise<unknown>;

/** The ports of a sender and a flusher that fail as `faultOf` says; a started execution is one too. */
function portsOf(world: World, faultOf: () => Fault, turn?: Turn): { send: SendDeps; flush: FlushDeps } {
  const buffer = faulty(world.buffer, faultOf, turn);
  const { startFlush } = faulty({ startFlush: world.deps.startFlush }, faultOf, turn);
  return {
    send: { ...world.deps, table: faulty(world.table, faultOf, turn), buffer, startFlush },
    flush: { buffer, raw: faulty(world.raw, faultOf, turn) },
  };
}

const idsIn = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as { id: number }).id);
const allIds = async (world: World) => Object.values(await rawLines(world.raw)).flatMap(idsIn);
const sorted = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);

/** Two batches into one segment, its flush, one more batch, its flush: every step of both sides. */
const STORY: ((ports: ReturnType<typeof portsOf>, world: World) => Promise<unknown>)[] = [
  ({ send }) => sendRecords(send, { ...THINGS, records: [aRecord(1), aRecord(2)] }),
  ({ send }) => sendRecords(send, { ...THINGS, records: [aRecord(3)] }),
  async ({ flush }, world) => world.flush(flush),
  ({ send }) => sendRecords(send, { ...THINGS, records: [aRecord(4)] }),
  async ({ flush }, world) => world.flush(flush),
];

async function told(faultOf: () => Fault): Promise<World> {
  const world = await aRecordWorld();
  const ports = portsOf(world, faultOf);
  for (const step of STORY) await untilAnswered(() => step(ports, world));
  return world;
}

describe('a sender or a flush that dies', () => {
  test.each(['before', 'after'] as const)(
    '%s any call, and its retry, leave the same objects as if nothing had happened',
    async (fault) => {
      let calls = 0;
      const undisturbed = await told(() => void calls++ as undefined);
      const objects = Object.values(await rawLines(undisturbed.raw)).map(idsIn);
      expect(objects).toEqual([[1, 2, 3], [4]]);
      expect(calls).toBeGreaterThan(25);
      for (let at = 0; at < calls; at++) {
        let call = 0;
        const world = await told(() => (call++ === at ? fault : undefined));
        expect(Object.values(await rawLines(world.raw)).map(idsIn)).toEqual(objects);
        expect(world.buffered()).toEqual([]);
      }
    },
  );

  test('for good after its batch was stored loses nothing: whoever comes next starts the execution', async () => {
    const world = await aRecordWorld();
    const { send } = portsOf(world, () => undefined);
    const dying = { ...send, startFlush: () => Promise.reject(new AnswerLost('it died')) };
    await expect(sendRecords(dying, { ...THINGS, records: [aRecord(1)] })).rejects.toThrow(AnswerLost);
    expect(world.started.size).toBe(0);
    await sendRecords(send, { ...THINGS, records: [aRecord(2)] });
    await world.flush();
    expect(await allIds(world)).toEqual([1, 2]);
  });

  test('in the middle of the removal, by any number of chunks, writes no second object and no shorter one', async () => {
    const world = await aRecordWorld();
    // Four chunks that do not compress are two transactions of removals each.
    const random = seededRandom(3);
    const noisy = () => Buffer.from(Array.from({ length: 90_000 }, () => random() * 256)).toString('base64');
    for (let i = 0; i < 4; i++) {
      const records = Array.from({ length: 15 }, (_, j) => aRecord(i * 15 + j, { kind: noisy() }));
      await sendRecords(world.deps, { ...THINGS, records });
    }
    const [input] = [...world.started.values()];
    let removals = 0;
    const dies = faulty(world.buffer, (method) => (method === 'transact' && ++removals === 3 ? 'before' : undefined));
    await expect(flushRecords({ ...world.flushDeps, buffer: dies }, input!)).rejects.toThrow(AnswerLost);
    expect(world.buffered().length).toBeGreaterThan(0);
    await flushRecords(world.flushDeps, input!);
    expect(world.buffered()).toEqual([]);
    expect(Object.values(await rawLines(world.raw)).map(idsIn)).toEqual([Array.from({ length: 60 }, (_, i) => i)]);
  });
});

describe('the flushes of a full segment', () => {
  test('that meet, one without its wait and one after it, make one object', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = await aRecordWorld();
        for (let i = 0; i < 5; i++) await sendRecords(world.deps, { ...THINGS, records: [aRecord(i)] });
        const [input] = [...world.started.values()];
        const turn = () => scheduler.schedule(Promise.resolve());
        const both = [1, 2].map(() => flushRecords(portsOf(world, () => undefined, turn).flush, input!));
        await scheduler.waitFor(Promise.all(both));
        expect(Object.values(await rawLines(world.raw)).map(idsIn)).toEqual([[0, 1, 2, 3, 4]]);
        expect(world.buffered()).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});

const isAnswered = (call: Promise<unknown>): Promise<boolean> =>
  call.then(
    () => true,
    (error: unknown) => {
      if (error instanceof AnswerLost) return false;
      throw error;
    },
  );

/** What some senders, each with its own records in batches, and the executions do, in any order and with any faults. */
const chaos = fc.record({
  seed: fc.integer(),
  rate: fc.constantFrom(0, 0.05, 0.2),
  senders: fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 4,
  }),
  /** Whether senders give up at a lost answer, or ask until they have one. */
  patient: fc.boolean(),
  /** Whether each batch is on its way twice at once, as after a client's time-out. */
  twice: fc.boolean(),
});

describe('any interleaving of senders, retries and flushes', () => {
  test('brings every acknowledged record into exactly one object, once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), chaos, async (scheduler, { seed, rate, senders, patient, twice }) => {
        const world = await aRecordWorld();
        const faultOf = faultRate(rate, seededRandom(seed));
        const ports = portsOf(world, faultOf, () => scheduler.schedule(Promise.resolve()));
        const acknowledged: number[] = [];
        const sent: number[] = [];
        let next = 0;
        const sender = async (sizes: readonly number[]) => {
          for (const size of sizes) {
            const records = Array.from({ length: size }, () => aRecord(next++));
            sent.push(...records.map(({ id }) => id));
            const send = () => sendRecords(ports.send, { ...THINGS, records });
            const answers = Array.from({ length: twice ? 2 : 1 }, () =>
              isAnswered(patient ? untilAnswered(send) : send()),
            );
            const answered = (await Promise.all(answers)).includes(true);
            if (answered) acknowledged.push(...records.map(({ id }) => id));
          }
        };
        // Executions come while senders are at it, as often as there is something to flush, and die as they do.
        let done = false;
        const flusher = async () => {
          while (!done) {
            await scheduler.schedule(Promise.resolve());
            for (const input of [...world.started.values()].slice(-2)) {
              await untilAnswered(() => flushRecords(ports.flush, input));
            }
          }
        };
        const all = Promise.all(senders.map(sender)).finally(() => {
          done = true;
        });
        await scheduler.waitFor(Promise.all([all, flusher()]));
        await world.flush();
        const found = await allIds(world);
        // Nothing twice, nothing lost that was acknowledged, nothing that nobody sent.
        expect(new Set(found).size).toBe(found.length);
        expect(sorted(found)).toEqual(expect.arrayContaining(acknowledged));
        expect(sent).toEqual(expect.arrayContaining(found));
        if (patient) expect(sorted(found)).toEqual(sorted(sent));
      }),
      { numRuns: 50 },
    );
  });
});
