import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { labelRows, type Row } from '../../lambdas/training/labelled-rows.ts';

const day = (n: number) => new Date(Date.UTC(2020, 0, 1 + n));
const spec = {
  target: { column: 'rain', above: 0, ahead: 1, within: 'city', order: 'date' },
  features: ['rain', 'wind'],
};
const aDay = (city: string, n: number, rain: number | null = n % 2, wind: number | null = n): Row => ({
  ...{ city, date: day(n), rain, wind },
});

describe('labelled rows', () => {
  test('say what the next day of the same place brought', () => {
    const { table, labels, persistence, groups, places } = labelRows(
      [aDay('a', 0), aDay('a', 1), aDay('a', 2)],
      spec,
      true,
    );
    expect([...labels]).toEqual([1, 0]);
    expect([...persistence]).toEqual([0, 1]);
    expect(table.names).toEqual(['rain', 'wind']);
    expect(table.columns.map((column) => [...column])).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect([groups, places]).toEqual([
      ['a', 'a'],
      ['2020-01-01', '2020-01-02'],
    ]);
  });

  test('never look from one place into another, nor past the last day', () => {
    const { labels, groups, dropped } = labelRows([aDay('a', 0), aDay('a', 1), aDay('b', 0), aDay('b', 1)], spec, true);
    expect([[...labels], groups]).toEqual([
      [1, 1],
      ['a', 'b'],
    ]);
    expect(dropped).toEqual({ withoutOutcome: 2, withoutFeature: 0 });
  });

  test('have no outcome across a gap of days, and count rows where the order is no day', () => {
    const gap = [aDay('a', 0), aDay('a', 3)];
    expect(labelRows(gap, spec, true).labels).toHaveLength(0);
    expect([...labelRows(gap, spec, false).labels]).toEqual([1]);
  });

  test('without a feature, or without today’s own value, are left out and counted', () => {
    const rows = [aDay('a', 0, 0, null), aDay('a', 1, 1), aDay('a', 2, null), aDay('a', 3, 1)];
    expect(labelRows(rows, spec, true).dropped).toEqual({ withoutOutcome: 2, withoutFeature: 2 });
  });

  test('an outcome that is missing is no outcome, not a zero', () => {
    expect(labelRows([aDay('a', 0), aDay('a', 1, null)], spec, true).dropped.withoutOutcome).toBe(2);
  });

  test('with ahead 0 are labelled by themselves', () => {
    const own = { ...spec, target: { ...spec.target, ahead: 0 }, features: ['wind'] };
    expect([...labelRows([aDay('a', 0), aDay('a', 1)], own, true).labels]).toEqual([0, 1]);
  });

  test('take whole numbers of 64 bits and booleans', () => {
    const rows: Row[] = [
      { at: 1n, x: true },
      { at: 2n, x: false },
    ];
    const plain = { target: { column: 'x', above: 0.5, ahead: 1, order: 'at' }, features: ['x'] };
    const { labels, table, groups } = labelRows(rows, plain, false);
    expect([[...labels], [...(table.columns[0] ?? [])], groups]).toEqual([[0], [1], ['']]);
  });

  test.each([
    ['two rows in one place', [aDay('a', 0), aDay('a', 0)], /date: got 2020-01-01 twice in city a/],
    ['a row without a place', [{ ...aDay('a', 0), date: null }], /date: got null/],
    ['a text where a number belongs', [{ ...aDay('a', 0), rain: 'much' }, aDay('a', 1)], /rain: got much/],
  ])('%s are refused', (_, rows, message) => {
    expect(() => labelRows(rows as Row[], spec, true)).toThrow(
      expect.objectContaining({ name: 'TrainingRowsUnusable', message: expect.stringMatching(message) }),
    );
  });

  test('are what looking every outcome up one by one gives, in whatever order rows come', () => {
    const aRow = fc.record({
      city: fc.constantFrom('a', 'b', 'c'),
      n: fc.nat(30),
      rain: fc.option(fc.nat(2)),
      wind: fc.nat(9),
    });
    const rowsOf = fc.uniqueArray(aRow, { selector: ({ city, n }) => `${city}${n}`, maxLength: 60 });
    fc.assert(
      fc.property(rowsOf, fc.nat(3), (given, ahead) => {
        const rows = given.map(({ city, n, rain, wind }) => aDay(city, n, rain, wind));
        const target = { ...spec.target, ahead };
        const { labels, groups, places, dropped } = labelRows(rows, { ...spec, target }, true);
        const expected = given.flatMap(({ city, n, rain }) => {
          const later = given.find((other) => other.city === city && other.n === n + ahead)?.rain ?? null;
          return rain === null || later === null
            ? []
            : [`${city} ${day(n).toISOString().slice(0, 10)} ${later > 0 ? 1 : 0}`];
        });
        expect([...labels].map((label, i) => `${groups[i]} ${places[i]} ${label}`)).toEqual(expected.sort());
        expect(labels.length + dropped.withoutOutcome + dropped.withoutFeature).toBe(rows.length);
      }),
    );
  });
});
