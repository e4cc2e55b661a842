import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { applyProposals } from '../../lambdas/data/edit-spec.ts';
import { inferRules } from '../../lambdas/data/infer-rules.ts';
import type { VersionSeen } from '../../lambdas/data/proposal.ts';
import { parseDatasetSpec } from '../../lambdas/data/spec-text.ts';
import { aSpec, weatherCsv, weatherSpec } from '../builders/dataset.ts';
import { refined } from '../builders/refined.ts';

/** The spec without what could be inferred. */
const bare = (spec: DatasetSpec): DatasetSpec => ({
  ...spec,
  columns: Object.fromEntries(
    Object.entries(spec.columns).map(([name, { min: _min, max: _max, values: _values, ...column }]) => [name, column]),
  ),
});
const better = (spec: DatasetSpec, versions: VersionSeen[]) =>
  parseDatasetSpec(applyProposals(JSON.stringify(spec), inferRules(spec, versions)));
const texts = (...top: [string, number][]): VersionSeen => {
  const count = top.reduce((sum, [, times]) => sum + times, 0);
  const kind = {
    type: 'string',
    count,
    nulls: 0,
    distinct: top.length,
    top: top.map(([value, n]) => ({ value, count: n })),
  };
  return { rows: count, columns: { kind: kind as VersionSeen['columns'][string] } };
};
const rulesOf = (spec: DatasetSpec, ...versions: VersionSeen[]) =>
  inferRules(spec, versions).map((each) =>
    'check' in each ? each.check : { [`${each.column}.${each.field}`]: each.value },
  );
const plainKind = () => aSpec({ columns: { ...aSpec().columns, kind: { type: 'string', role: 'feature' } } });

describe('rules inferred from a version', () => {
  test('are those that a person wrote into the weather example, as near as its rows show', async () => {
    const spec = bare(weatherSpec());
    const { columns, rows } = await refined(weatherCsv(), spec);
    const inferred = better(spec, [{ rows: rows.fresh, columns }]);
    expect(inferred.columns['precipitation']).toMatchObject({ min: 0, max: 140 });
    expect(inferred.columns['weather']?.values).toEqual(weatherSpec().columns['weather']?.values);
    expect(inferred.columns['location']?.values).toBeUndefined();
  });

  test('take every row that they were inferred from, and have nothing to add to themselves', async () => {
    const day = fc.integer({ min: 0, max: 3000 }).map((n) => new Date(1.4e12 + n * 864e5).toISOString().slice(0, 10));
    const size = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { freq: 6 });
    const kind = fc.option(fc.constantFrom('a', 'b', "it's", 'x, "y"', ' c '), { freq: 9 });
    const row = fc.record({ day, size, kind, good: fc.option(fc.boolean()) });
    const open = bare(aSpec());
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 120 }), async (rows) => {
        const field = (value: string | null) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`);
        const lines = rows.map(
          (each, i) => `${i},${each.day},${each.size ?? ''},${field(each.kind)},${each.good ?? ''},`,
        );
        const csv = `${['id,day,size,kind,good,seen', ...lines].join('\n')}\n`;
        const first = await refined(csv, open);
        const version = { rows: first.rows.fresh, columns: first.columns };
        const spec = better(open, [version]);
        const again = await refined(csv, spec);
        expect(again.counts).toEqual([]);
        expect(again.rows).toEqual(first.rows);
        expect(inferRules(spec, [version])).toEqual([]);
      }),
      { numRuns: 6 },
    );
  });

  test('list texts only where each was seen often', () => {
    expect(rulesOf(plainKind(), texts(['b', 40], ['a', 30]))).toEqual([{ 'kind.values': ['a', 'b'] }]);
    expect(rulesOf(plainKind(), texts(['b', 60], ['a', 4]))).toEqual([]);
    expect(rulesOf(plainKind(), texts(['b', 20], ['a', 20]))).toEqual([]);
    const cut = texts(['x'.repeat(80), 60]);
    expect(rulesOf(plainKind(), cut)).toEqual([]);
  });

  test('widen a rule that the reference itself breaks, and leave every other', () => {
    expect(rulesOf(aSpec(), texts(['a', 50], ['c', 1]))).toEqual([{ 'kind.values': ['a', 'b', 'c'] }]);
    const size = { type: 'double' as const, count: 100, nulls: 0, min: 3, max: 120 };
    expect(rulesOf(aSpec(), { rows: 100, columns: { size } })).toEqual([{ 'size.max': 140 }]);
    expect(rulesOf(aSpec(), { rows: 100, columns: { size: { ...size, max: 90 } } })).toEqual([]);
  });

  test('say nothing of values that are not kept as they came', () => {
    const columns = {
      ...aSpec().columns,
      size: { type: 'double', role: 'feature', privacy: { action: 'round', to: 5 } },
    };
    const size = { type: 'double' as const, count: 100, nulls: 0, min: 0, max: 120 };
    expect(rulesOf(aSpec({ columns: columns as DatasetSpec['columns'] }), { rows: 100, columns: { size } })).toEqual(
      [],
    );
  });

  test('allow the empty fields that were seen, and a few more', () => {
    const spec = aSpec({ columns: { ...aSpec().columns, size: { type: 'double', role: 'feature', min: 0, max: 10 } } });
    const size = { type: 'double' as const, count: 980, nulls: 20, min: 1, max: 9 };
    expect(rulesOf(spec, { rows: 1000, columns: { size } })).toEqual([
      { 'size.nullable': true },
      { rule: 'nulls', name: 'size-nulls', column: 'size', atMostPercent: 3.8, level: 'warn' },
    ]);
  });
});

describe('checks inferred from several versions', () => {
  const version = (rows: number, max: string, registeredAt: string): VersionSeen => ({
    rows,
    registeredAt,
    columns: { day: { type: 'date', count: rows, nulls: 0, min: '2026-01-01', max } },
  });
  const series = aSpec({ columns: { ...aSpec().columns, day: { type: 'date', role: 'timestamp' } } });
  const weekly = [
    version(420, '2026-01-28', '2026-01-29T06:00:00Z'),
    version(310, '2026-01-21', '2026-01-22T06:00:00Z'),
    version(210, '2026-01-14', '2026-01-15T18:00:00Z'),
    version(100, '2026-01-07', '2026-01-08T06:00:00Z'),
  ];

  test('hold files to the size and the rhythm that they had', () => {
    expect(rulesOf(series, ...weekly)).toEqual([
      { rule: 'rows', name: 'usual-size', deltaPercent: 20, level: 'warn' },
      { rule: 'fresh', name: 'newest-day', column: 'day', withinHours: 380, level: 'warn' },
    ]);
  });

  test('hold an archive to no rhythm, and files of any size to no size', () => {
    const old = weekly.map((each, i) => ({ ...each, rows: 10 ** (5 - i), registeredAt: '2036-01-01T00:00:00Z' }));
    expect(rulesOf(series, ...old)).toEqual([]);
  });

  test('are not proposed beside one of the kind', () => {
    const checks: DatasetSpec['checks'] = [
      { rule: 'rows', name: 'usual-size', atLeast: 1, level: 'refuse' },
      { rule: 'fresh', name: 'new', column: 'day', withinHours: 1, level: 'warn' },
    ];
    expect(rulesOf({ ...series, checks }, ...weekly)).toEqual([]);
  });

  test('find texts that name rows, and give each check a name of its own', () => {
    const spec = plainKind();
    const kind = { type: 'string' as const, count: 60, nulls: 0, distinct: 60, top: [{ value: 'a', count: 1 }] };
    const checks: DatasetSpec['checks'] = [{ rule: 'sql', name: 'kind-unique', where: 'true', level: 'warn' }];
    expect(rulesOf({ ...spec, checks }, { rows: 60, columns: { kind } })).toEqual([
      { rule: 'unique', name: 'kind-unique-2', columns: ['kind'], level: 'warn' },
    ]);
    expect(rulesOf(spec, { rows: 61, columns: { kind } })).toEqual([]);
  });
});
