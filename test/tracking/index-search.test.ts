import '../seed.ts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type IndexQuery, searchIndexes } from '../../lambdas/tracking/index-search.ts';
import { decodeIndex, encodeIndex } from '../../lambdas/tracking/index-snapshot.ts';
import type { Position } from '../../lambdas/tracking/page-token.ts';
import { RunIndex } from '../../lambdas/tracking/run-index.ts';
import type { RunRow } from '../../lambdas/tracking/run-row.ts';
import { parseRunFilter } from '../../lambdas/tracking/search-filter.ts';
import { matches, type Searchable } from '../../lambdas/tracking/search-match.ts';
import { orderOf, parseRunOrder } from '../../lambdas/tracking/search-order.ts';
import { aRunRow } from '../builders/run-row.ts';

const searchable = (row: RunRow): Searchable => ({
  metric: (key) => row.metrics[key],
  param: (key) => row.params[key],
  tag: (key) => row.tags[key],
  attribute: (name) =>
    ({
      ...{ run_id: row.runId, run_name: row.name, user_id: row.userId, status: row.status },
      ...{ start_time: row.startTime, end_time: row.endTime, artifact_uri: row.artifactUri },
    })[name],
  datasets: () => row.datasets,
});

const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const without = <T>(values: Record<string, T | undefined>): Record<string, T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Record<string, T>;
const texts = fc.constantFrom('a', 'b', 'é', '🧀', '', 'Ab');
const numbers = fc.constantFrom(0, -0, 1, 2.5, -1, NaN, Number.MAX_VALUE, -Number.MAX_VALUE);
const rows = fc.record({
  name: texts,
  userId: fc.constantFrom('ann', 'bob'),
  status: fc.constantFrom('RUNNING', 'FINISHED'),
  startTime: fc.constantFrom(1000, 2000, 3000),
  endTime: optional(fc.constantFrom(4000, 5000)),
  metrics: fc.record({ acc: optional(numbers), loss: optional(numbers) }).map(without),
  params: fc.record({ lr: optional(texts), opt: optional(texts) }).map(without),
  tags: fc.record({ team: optional(texts) }).map(without),
  datasets: fc.array(fc.record({ name: texts, digest: texts, context: texts }), { maxLength: 2 }),
});
/** The same few ids again and again: later rows of an id are changes of the run. */
const history = fc.array(fc.tuple(fc.nat(60), rows, fc.boolean()), { maxLength: 120 });

/** Runs enough for columns to turn from sparse to dense. */
const standing = Array.from({ length: 160 }, (_, at) =>
  aRunRow({
    runId: `r${1000 + at}`,
    startTime: 1000 * (at % 3),
    metrics: at % 7 === 0 ? {} : { acc: [0, 1, NaN, -2][at % 4]! },
    params: { lr: ['a', 'Ab', 'é'][at % 3]! },
  }),
);

const filters = fc.constantFrom(
  ...['', "params.lr = 'a'", "params.lr != 'a'", 'params.lr IS NULL', 'tags.team IS NOT NULL AND metrics.acc > 0'],
  ...['metrics.acc >= 1', 'metrics.acc != 1', 'metrics.none != 1', 'params.none IS NULL', "run_id LIKE 'r1%'"],
  ...[
    "status = 'FINISHED' AND start_time > 1000",
    "dataset.name = 'a'",
    "dataset.name != 'a' AND dataset.context LIKE '_'",
  ],
  ...["run_name ILIKE 'A%'", "user_id = 'ann' AND end_time <= 4000", "tags.team LIKE '%' AND params.opt ILIKE 'ab'"],
);
const orders = fc.subarray(
  [
    'metrics.acc',
    'metrics.loss DESC',
    'params.lr DESC',
    'tags.team',
    'start_time',
    'end_time DESC',
    'run_name',
    'status',
  ],
  { maxLength: 3 },
);

function pagesOf(indexes: RunIndex[], query: Omit<IndexQuery, 'after'>): string[] {
  const found: string[] = [];
  let after: Position | undefined;
  do {
    const experiments = indexes.map((index) => ({ index, stage: 'active' as const, era: 0 }));
    // Through JSON, as a token takes it.
    const page = searchIndexes(experiments, { ...query, after: after && JSON.parse(JSON.stringify(after)) });
    expect(page.runIds.length).toBeLessThanOrEqual(query.limit);
    found.push(...page.runIds);
    after = page.next;
  } while (after !== undefined);
  return found;
}

test('pages of one index, of several and of reloaded ones are the runs filtered and sorted', () => {
  fc.assert(
    fc.property(
      history,
      filters,
      orders,
      fc.integer({ min: 1, max: 40 }),
      fc.nat(120),
      (changes, filter, by, limit, saved) => {
        let indexes = [new RunIndex(0), new RunIndex(0)];
        const known = new Map(standing.map((row) => [row.runId, row]));
        for (const [at, row] of standing.entries()) indexes[at % 2]!.put(row);
        for (const [at, [id, given, isGone]] of changes.entries()) {
          if (at === saved) indexes = indexes.map((index) => decodeIndex(encodeIndex(index))!);
          const row = aRunRow({ ...given, runId: `r${id}` });
          const index = indexes[id % 2]!;
          if (isGone) {
            index.remove(row.runId);
            known.delete(row.runId);
          } else {
            index.put(row);
            known.set(row.runId, row);
          }
        }
        const [clauses, order] = [parseRunFilter(filter), parseRunOrder(by)];
        const expected = [...known.values()].map(searchable);
        const wanted = expected.filter((run) => matches(clauses, run)).sort(orderOf(order));
        expect(pagesOf(indexes, { clauses, order, view: 'ACTIVE_ONLY', limit })).toEqual(
          wanted.map((run) => run.attribute('run_id')),
        );
      },
    ),
    { numRuns: 150 },
  );
});

describe('the stage of a run', () => {
  const index = new RunIndex(0);
  index.put(aRunRow({ runId: 'kept', era: 0 }));
  index.put(aRunRow({ runId: 'dropped', era: 0, stage: 'deleted' }));
  index.put(aRunRow({ runId: 'restored', era: 1 }));
  const ask = (view: IndexQuery['view'], stage: 'active' | 'deleted', era: number) =>
    searchIndexes([{ index, stage, era }], { clauses: [], order: parseRunOrder([]), view, limit: 9 }).runIds;

  test('is its own while the experiment stays as it was', () => {
    expect(ask('ACTIVE_ONLY', 'active', 0)).toEqual(['kept', 'restored']);
    expect(ask('DELETED_ONLY', 'active', 0)).toEqual(['dropped']);
    expect(ask('ALL', 'active', 0)).toEqual(['dropped', 'kept', 'restored']);
  });

  test("is the experiment's once that was deleted, but for runs marked since", () => {
    expect(ask('ACTIVE_ONLY', 'deleted', 1)).toEqual(['restored']);
    expect(ask('DELETED_ONLY', 'deleted', 1)).toEqual(['dropped', 'kept']);
  });
});

describe('a snapshot', () => {
  const index = new RunIndex(123);
  for (let at = 0; at < 300; at++) index.put(aRunRow({ runId: `r${at}`, tags: { [`k${at % 5}`]: `v${at}` } }));

  test('keeps position and runs, without those that are gone', () => {
    index.put(aRunRow({ runId: 'short' }));
    index.remove('short');
    const loaded = decodeIndex(encodeIndex(index))!;
    expect([loaded.position, loaded.size, loaded.rowOf('short')]).toEqual([123, 300, undefined]);
    expect(loaded.field(loaded.rowOf('r7')!, 'tag', 'k2')).toBe('v7');
    expect(loaded.field(loaded.rowOf('r7')!, 'tag', 'k3')).toBeUndefined();
  });

  test('is left aside when a byte of it changed or is missing', () => {
    const body = encodeIndex(index);
    fc.assert(
      fc.property(fc.integer({ min: 10, max: body.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = body.slice();
        damaged[at]! ^= change;
        expect(decodeIndex(damaged)).toBeUndefined();
        expect(decodeIndex(body.slice(0, at))).toBeUndefined();
      }),
      { numRuns: 100 },
    );
    expect(decodeIndex(new Uint8Array())).toBeUndefined();
  });
});

test('infinite metrics are the largest double, as they are stored', () => {
  const index = new RunIndex(0);
  index.put(aRunRow({ metrics: { up: Infinity, down: -Infinity } }));
  expect(index.field(0, 'metric', 'up')).toBe(Number.MAX_VALUE);
  expect(index.field(0, 'metric', 'down')).toBe(-Number.MAX_VALUE);
});

test('a page that is cut short goes on where it was cut', () => {
  const index = new RunIndex(0);
  for (const runId of ['a', 'b', 'c', 'd']) index.put(aRunRow({ runId, metrics: { acc: runId === 'b' ? NaN : 1 } }));
  const query = { clauses: [], order: parseRunOrder(['metrics.acc']), view: 'ALL' as const, limit: 3 };
  const experiments = [{ index, stage: 'active' as const, era: 0 }];
  const page = searchIndexes(experiments, query);
  expect([page.runIds, page.next]).toEqual([['a', 'c', 'd'], page.placeAfter(3)]);
  expect(searchIndexes(experiments, { ...query, after: page.placeAfter(1) }).runIds).toEqual(['c', 'd', 'b']);
  expect(searchIndexes(experiments, { ...query, after: page.placeAfter(3) }).runIds).toEqual(['b']);
});
