import '../seed.ts';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RunIndexes, type RunIndexesOptions } from '../../lambdas/tracking/run-indexes.ts';
import { aRunRow } from '../builders/run-row.ts';
import { memoryIndexSource } from '../fakes/memory-index-source.ts';

const experiment = { workspace: 'default', experimentId: '1' };
const START = Date.parse('2026-11-27T12:00:00Z');
const DAY = 86_400_000;
/** A change is written or refused within this time of its announcement; the announcement's bucket is 10 s long. */
const WRITE_MS = 30_000;

/** Function instances, each with its own clock, and runs that know how often they changed. */
function aWorld(step?: (what: string) => Promise<void>) {
  const source = memoryIndexSource(step);
  const world = { now: START, source, versions: new Map<string, number>(), failures: 0 };
  const instance = (skew: number, more: Partial<RunIndexesOptions> = {}) =>
    new RunIndexes({
      source,
      clock: () => new Date(world.now + skew),
      budgetBytes: 1e9,
      onSnapshotFailure: () => world.failures++,
      ...more,
    });
  const wait = (ms: number) => {
    world.now += ms;
    source.expire(world.now);
  };
  const write = (runId: string) => {
    const version = (world.versions.get(runId) ?? 0) + 1;
    world.versions.set(runId, version);
    source.runs.set(runId, aRunRow({ runId, metrics: { version } }));
  };
  const remove = (runId: string) => {
    world.versions.set(runId, Infinity);
    source.runs.delete(runId);
  };
  return { ...{ world, source, instance, wait, write, remove } };
}

const versionsIn = (index: Awaited<ReturnType<RunIndexes['fresh']>>) =>
  new Map(
    index.runIds.map((runId, row) => [
      runId,
      index.field(row, 'attribute', 'stage') === 2 ? Infinity : (index.field(row, 'metric', 'version') as number),
    ]),
  );

type Act =
  | { act: 'write' | 'remove'; run: number; skew: number }
  | { act: 'search'; by: number }
  | { act: 'wait'; ms: number }
  | { act: 'cold'; by: number };

const skews = fc.integer({ min: -9_900, max: 9_900 });
const acts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ act: fc.constant('write' as const), run: fc.nat(7), skew: skews }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('remove' as const), run: fc.nat(7), skew: skews }) },
    { weight: 5, arbitrary: fc.record({ act: fc.constant('search' as const), by: fc.nat(2) }) },
    { weight: 4, arbitrary: fc.record({ act: fc.constant('wait' as const), ms: fc.constantFrom(900, 9_000, 29_000) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('wait' as const), ms: fc.constantFrom(70_000, 95 * DAY) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('cold' as const), by: fc.nat(2) }) },
  ),
  { minLength: 5, maxLength: 40 },
);

test('a search has every change that was acknowledged before it, whatever the clocks and whoever comes between', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(acts, { minLength: 2, maxLength: 4 }),
      fc.tuple(skews, skews, skews),
      async (s, plans, clocks) => {
        const pause = (what: string) => s.schedule(Promise.resolve(), what);
        const { world, source, instance, wait, write, remove } = aWorld(pause);
        // Two runs read after a snapshot make another due, so that all the roads are taken.
        const start = (by: number) => instance(clocks[by]!, { dueRuns: 2 });
        const instances = [start(0), start(1), start(2)];

        const change = async ({ act, run, skew }: Act & { act: 'write' | 'remove' }) => {
          const runId = `r${run}`;
          const began = world.now;
          source.announce(runId, began + skew);
          await pause('announced');
          if (world.now - began > WRITE_MS || world.versions.get(runId) === Infinity) return;
          if (act === 'write') write(runId);
          else remove(runId);
        };
        let searching = 0;
        const search = async (by: number) => {
          const before = new Map(world.versions);
          searching++;
          const found = versionsIn(await instances[by]!.fresh(experiment));
          searching--;
          for (const [runId, version] of before) {
            // A run that went before it was ever read has no row; the others know that they are gone.
            const seen = found.get(runId) ?? (world.versions.get(runId) === Infinity ? Infinity : -1);
            expect([runId, seen >= version]).toEqual([runId, true]);
            expect([runId, seen <= world.versions.get(runId)!]).toEqual([runId, true]);
          }
        };
        const play = async (plan: Act[]) => {
          for (const one of plan) {
            await pause(one.act);
            // Nobody searches for a quarter of a year.
            if (one.act === 'wait') wait(searching > 0 ? Math.min(one.ms, 600_000) : one.ms);
            else if (one.act === 'cold') instances[one.by] = start(one.by);
            else if (one.act === 'search') await search(one.by);
            else await change(one);
          }
        };
        await s.waitFor(Promise.all(plans.map(play)));
        expect(world.failures).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

/** What the tests below begin with: so many runs, all announced. */
function worldOf(count: number) {
  const made = aWorld();
  for (let at = 0; at < count; at++) {
    made.source.announce(`r${at}`, START);
    made.write(`r${at}`);
  }
  made.world.now += 120_000;
  return made;
}

test('a warm search reads the runs that changed in the last minute, and no others', async () => {
  const { world, source, instance, write } = worldOf(1000);
  const indexes = instance(0);
  await indexes.fresh(experiment);
  const before = { ...source.asked };
  source.announce('r5', world.now);
  write('r5');
  await indexes.fresh(experiment);
  expect(source.asked.runs - before.runs).toBe(1);
  world.now += 120_000;
  await indexes.fresh(experiment);
  await indexes.fresh(experiment);
  expect(source.asked).toMatchObject({ all: before.all, loads: before.loads });
  expect(source.asked.runs - before.runs).toBeLessThanOrEqual(2);
});

test('a cold start takes the snapshot, and reads what changed after it', async () => {
  const { world, source, instance, write } = worldOf(1000);
  await instance(0).fresh(experiment);
  expect([source.asked.all, source.asked.saves]).toEqual([1000, 1]);
  world.now += DAY;
  source.announce('r9', world.now);
  write('r9');
  const index = await instance(0).fresh(experiment);
  expect(index.field(index.rowOf('r9')!, 'metric', 'version')).toBe(2);
  expect([source.asked.all, source.asked.runs, source.asked.saves]).toEqual([1000, 1, 1]);
});

test('a snapshot that is damaged, or more than a week old, is left aside, and one of days is written again', async () => {
  const { source, instance, wait } = worldOf(600);
  const read = async () => {
    const before = source.asked.all;
    expect((await instance(0).fresh(experiment)).size).toBe(600);
    return source.asked.all - before;
  };
  expect(await read()).toBe(600);
  const [saved] = source.snapshots.values();
  saved!.body[40]! ^= 1;
  wait(1000);
  expect(await read()).toBe(600);
  const saves = source.asked.saves;
  wait(6 * DAY);
  expect(await read()).toBe(0);
  expect(source.asked.saves).toBe(saves + 1);
  wait(6 * DAY);
  expect(await read()).toBe(0);
  wait(8 * DAY);
  expect(await read()).toBe(600);
});

test('a search goes on when snapshots cannot be written, and does not try each time', async () => {
  const { world, source, instance } = worldOf(600);
  let tries = 0;
  const saveSnapshot = async () => {
    tries++;
    throw new Error('no bucket');
  };
  const indexes = instance(0, { source: { ...source, saveSnapshot } });
  for (let at = 0; at < 3; at++) expect((await indexes.fresh(experiment)).size).toBe(600);
  expect([tries, world.failures]).toEqual([1, 1]);
  world.now += 300_000;
  await indexes.fresh(experiment);
  expect(tries).toBe(2);
});

test('a read that fails leaves the index as it was, and the next search has all', async () => {
  const { world, source, instance, write } = worldOf(10);
  let fails = false;
  const changesSince: typeof source.changesSince = async (...given) => {
    if (fails) throw new Error('throttled');
    return source.changesSince(...given);
  };
  const indexes = instance(0, { source: { ...source, changesSince } });
  await indexes.fresh(experiment);
  source.announce('r3', world.now);
  write('r3');
  fails = true;
  await expect(indexes.fresh(experiment)).rejects.toThrow('throttled');
  fails = false;
  world.now += DAY;
  const index = await indexes.fresh(experiment);
  expect(index.field(index.rowOf('r3')!, 'metric', 'version')).toBe(2);
  expect(source.asked.all).toBe(10);
});

test('indexes that do not fit are forgotten, the longest unused first', async () => {
  const { source, instance } = worldOf(10);
  const { bytes } = await instance(0).fresh(experiment);
  const indexes = instance(0, { budgetBytes: bytes * 2.5 });
  const reads = async (experimentId: string) => {
    const before = source.asked.all;
    await indexes.fresh({ workspace: 'default', experimentId });
    return source.asked.all > before;
  };
  const order = ['1', '2', '1', '3', '1', '2'];
  const found: boolean[] = [];
  for (const id of order) found.push(await reads(id));
  expect(found).toEqual([true, true, false, true, false, true]);
});
