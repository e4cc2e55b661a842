import '../seed.ts';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { duckdbJoin } from '../../lambdas/data/aws/duckdb-join.ts';
import { duckdbOnline } from '../../lambdas/data/aws/duckdb-online.ts';
import type { FeatureSpec } from '../../lambdas/data/feature-spec.ts';
import { secondsOf } from '../../lambdas/data/feature-spec.ts';
import type { EntityRow } from '../../lambdas/data/online-table.ts';
import { aCuratedFile, aManifest, type Row } from '../builders/curated.ts';
import { type MemoryObjects, memoryObjects } from '../fakes/memory-objects.ts';

const WINDOW = '2h';
/** Each case opens DuckDB a few times, and a failing one is made small. */
const MINUTE = 60_000;
const spec = (changed: Partial<FeatureSpec> = {}): FeatureSpec => ({
  schema: 'millrace/features/1',
  set: 'visits',
  dataset: 'visits',
  owner: 'tests',
  entity: ['shop', 'till'],
  timestamp: 'at',
  features: {
    average: { sql: 'avg(amount)', type: 'double', window: WINDOW },
    best: { sql: 'max(amount) - min(amount)', type: 'double', window: WINDOW },
    kinds: { sql: 'count(DISTINCT kind)', type: 'integer', window: '1d' },
    last_amount: { sql: 'amount * 2', type: 'double' },
    last_kind: { sql: 'upper(kind)', type: 'string', window: WINDOW },
    share: { sql: "count(*) FILTER (WHERE kind = 'a') / nullif(count(*), 0)", type: 'double', window: WINDOW },
    visits: { sql: 'count(*)', type: 'integer', window: WINDOW },
  },
  ...changed,
});

const START = Date.parse('2020-01-01T00:00:00Z');
const HALF_HOUR = 1_800_000;
/** Times on a coarse grid, so that rows meet each other, the spine, and the edges of windows. */
const time = (step: number) => new Date(START + step * HALF_HOUR).toISOString();
const step = fc.integer({ min: 0, max: 12 });
const place = { shop: fc.constantFrom('x', 'y'), till: fc.constantFrom(1, 2) };
/** Sums of quarters are exact, in whatever order they are summed up. */
const amount = fc.option(
  fc.integer({ min: -40, max: 40 }).map((n) => n / 4),
  { nil: null },
);
const aVisit = fc.record({ ...place, step, amount, kind: fc.constantFrom('a', 'b', null) });
const asked = fc.record({ ...place, step });
const availableAfter = fc.constantFrom('0s', '30m', '1h', '1d');

type Visit = typeof aVisit extends fc.Arbitrary<infer T> ? T : never;
const rowOf = ({ step: at, ...visit }: Visit, id: number): Row => ({ id, ...visit, at: time(at), good: null });

/** What each feature is by its definition, in the plainest way. */
function oracle(rows: readonly Row[], at: number, wait: number, { shop, till }: Row): Record<string, unknown> {
  const known = rows
    .filter((row) => row['shop'] === shop && row['till'] === till)
    .map((row) => ({ ...row, known: Date.parse(String(row['at'])) + wait }))
    .filter((row) => row.known <= at) as (Row & { known: number })[];
  const within = (window: string) => known.filter((row) => row.known > at - secondsOf(window) * 1000);
  const near = within(WINDOW);
  const amounts = near.flatMap((row) => (typeof row['amount'] === 'number' ? [row['amount']] : []));
  const latest = known.reduce<(Row & { known: number }) | undefined>(
    (best, row) => (!best || isLater(row, best) ? row : best),
    undefined,
  );
  const none = amounts.length === 0;
  return {
    average: none ? null : amounts.reduce((sum, each) => sum + each, 0) / amounts.length,
    best: none ? null : Math.max(...amounts) - Math.min(...amounts),
    kinds: new Set(within('1d').flatMap((row) => row['kind'] ?? [])).size,
    last_amount: typeof latest?.['amount'] === 'number' ? latest['amount'] * 2 : null,
    last_kind: latest && near.includes(latest) && latest['kind'] ? String(latest['kind']).toUpperCase() : null,
    share: near.length === 0 ? null : near.filter((row) => row['kind'] === 'a').length / near.length,
    visits: near.length,
  };
}

/** Of rows of one moment the latest has the largest columns, compared in the order of their names; empty ones are least. */
function isLater(a: Row & { known: number }, b: Row & { known: number }): boolean {
  if (a.known !== b.known) return a.known > b.known;
  for (const name of ['amount', 'at', 'good', 'id', 'kind', 'shop', 'till']) {
    const [left, right] = [a[name] ?? null, b[name] ?? null];
    if (left === right) continue;
    return left !== null && (right === null || left > right);
  }
  return false;
}

let curated: MemoryObjects;
beforeEach(() => {
  curated = memoryObjects('curated');
});

async function joined(
  rows: readonly Row[],
  spine: readonly Row[],
  definition: FeatureSpec,
): Promise<Record<string, string>[]> {
  // Two files: the place of a row in files means nothing.
  const halves = [rows.filter((_, i) => i % 2 === 0), rows.filter((_, i) => i % 2 === 1)].filter(
    (half) => half.length > 0,
  );
  const files = [];
  for (const half of halves) files.push(await aCuratedFile(curated, aManifest([]), half));
  const text = ['n,at,till,shop', ...spine.map((row, n) => `${n},${row['at']},${row['till']},${row['shop']}`)].join(
    '\n',
  );
  const { bytes } = await duckdbJoin(curated)({
    spec: definition,
    manifest: aManifest(files),
    files,
    spine: Buffer.from(`${text}\n`),
    format: 'csv',
  });
  return csvRows(Buffer.from(bytes).toString());
}

function csvRows(text: string): Record<string, string>[] {
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i] as string, value])));
}

const asText = (values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === null ? '' : value]));
const asRead = (row: Record<string, string>, names: readonly string[]) =>
  Object.fromEntries(
    names.map((name) => [name, row[name] === '' || name === 'last_kind' ? row[name] : Number(row[name])]),
  );

describe('a point-in-time join', () => {
  test(
    'gives what the definition says, for any history and spine',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(aVisit, { minLength: 1, maxLength: 40 }),
          fc.array(asked, { minLength: 1, maxLength: 25 }),
          availableAfter,
          async (visits, spine, wait) => {
            const rows = visits.map(rowOf);
            const times = spine.map((each) => ({ ...each, at: time(each.step) }));
            const got = await joined(rows, times, spec({ availableAfter: wait }));
            const wanted = times.map((row) => oracle(rows, Date.parse(row.at), secondsOf(wait) * 1000, row));
            const names = Object.keys(spec().features);
            expect(got.map((row) => asRead(row, names))).toEqual(wanted.map(asText));
            expect(got.map((row) => Number(row['n']))).toEqual(times.map((_, n) => n));
          },
        ),
        { numRuns: 6 },
      );
    },
    MINUTE,
  );

  test(
    'is the same whatever comes, changes or goes after the time asked',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(aVisit, { minLength: 2, maxLength: 30 }),
          fc.array(aVisit, { maxLength: 10 }),
          asked,
          availableAfter,
          async (visits, others, { step: at, ...where }, wait) => {
            const rows = visits.map(rowOf);
            const isKnown = (row: Row) =>
              Date.parse(String(row['at'])) + secondsOf(wait) * 1000 <= Date.parse(time(at));
            const later = others.map((visit, i) => rowOf(visit, 1000 + i)).filter((row) => !isKnown(row));
            const spine = [{ ...where, at: time(at) }];
            const before = await joined(rows, spine, spec({ availableAfter: wait }));
            const after = await joined([...rows.filter(isKnown), ...later], spine, spec({ availableAfter: wait }));
            expect(after).toEqual(before);
          },
        ),
        { numRuns: 6 },
      );
    },
    MINUTE,
  );
});

describe('the online table', () => {
  test(
    'has what a join gives at the time that it says, whatever the sizes of pages',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(aVisit, { minLength: 1, maxLength: 40 }),
          availableAfter,
          fc.integer({ min: 1, max: 3 }),
          async (visits, wait, page) => {
            const rows = visits.map(rowOf);
            const definition = spec({ availableAfter: wait });
            const file = await aCuratedFile(curated, aManifest([]), rows);
            const manifest = aManifest([file]);
            const online: EntityRow[] = [];
            for await (const some of duckdbOnline(
              curated,
              page,
            )({ spec: definition, manifest, changed: [{ of: manifest, file }] }))
              online.push(...some);
            const spine = online.map(({ entity, asOf }) => ({ ...entity, at: asOf }));
            const names = Object.keys(spec().features);
            const offline = await joined(rows, spine, definition);
            expect(offline.map((row) => asRead(row, names))).toEqual(online.map(({ values }) => asText(values ?? {})));
            expect(new Set(online.map(({ entity: { shop, till } }) => `${shop}/${till}`))).toEqual(
              new Set(rows.map(({ shop, till }) => `${shop}/${till}`)),
            );
          },
        ),
        { numRuns: 12 },
      );
    },
    MINUTE,
  );
});
