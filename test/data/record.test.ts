import { describe, expect, test } from '@jest/globals';
import type { ColumnType, DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { checkRecords, MAX_BATCH_BYTES, MAX_RECORD_BYTES, MAX_RECORDS } from '../../lambdas/data/record.ts';
import { aSpec } from '../builders/dataset.ts';
import { aRecord } from '../builders/records.ts';

const keyed = (type: ColumnType) => aSpec({ columns: { ...aSpec().columns, id: { type, role: 'key' } } });
const errorOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
};

describe('a record', () => {
  test('is one line of JSON, whatever characters are in it', () => {
    const record = aRecord(1, { kind: 'a\nb\u2028"c"', size: 0.1 });
    const { lines, refused } = checkRecords(aSpec(), [record]);
    expect(refused).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('\n');
    expect(JSON.parse(lines[0] as string)).toEqual(record);
  });

  test('that breaks the spec is taken: the ingestion quarantines it', () => {
    const { lines, refused } = checkRecords(aSpec(), [aRecord(1, { day: 'no day', size: -5, colour: 'unknown' })]);
    expect([lines.length, refused]).toEqual([1, []]);
  });

  test.each<[string, unknown, object]>([
    ['a list', [1], { field: 'record', value: '[1]', rule: 'a record is a JSON object' }],
    ['a text', 'x', { field: 'record', value: '"x"', rule: 'a record is a JSON object' }],
    ['null', null, { field: 'record', value: null, rule: 'a record is a JSON object' }],
    ['without its key', { day: '2019-01-01' }, { field: 'id', value: null }],
    ['with an empty key', aRecord(1, { id: '' }), { field: 'id', value: '""' }],
    ['with a key of another type', aRecord(1, { id: 'seven' }), { field: 'id', value: '"seven"' }],
    ['with a key that is a list', aRecord(1, { id: [7] }), { field: 'id', value: '[7]' }],
    ['with a key that doubles cannot tell apart', JSON.parse('{"id":9007199254740993}'), { field: 'id' }],
    ['with a number that JSON would print as null', JSON.parse('{"id":1,"size":1e400}'), { field: 'size' }],
    ['with such a number deep inside', JSON.parse('{"id":1,"more":{"a":[1,-1e999]}}'), { field: 'more' }],
    ['that is too large', aRecord(1, { kind: 'x'.repeat(MAX_RECORD_BYTES) }), { field: 'record' }],
  ])('that is %s is refused with place, value and rule', (_, record, expected) => {
    const { lines, refused } = checkRecords(aSpec(), [aRecord(1), record, aRecord(3)]);
    expect(lines).toHaveLength(2);
    expect(refused).toEqual([{ index: 1, value: expect.anything(), rule: expect.any(String), ...expected }]);
  });

  test.each([
    ['string', ['a', ' '], [1, true, null]],
    ['integer', [7, -7, '7', '+7'], [7.5, '7.5', '0x7', true, '99999999999999999']],
    ['double', [7, 7.5, '7.5', '-1e3', '.5'], ['x', '1e', '', true]],
    ['boolean', [true, false, 'true', 'FALSE'], [1, 'yes']],
    ['date', ['2019-01-01', '2019-02-31'], ['2019-1-1', 20190101, '2019-01-01T00:00:00Z']],
    ['timestamp', ['2019-01-01T00:00:00Z', '2019-01-01 00:00:00.5'], ['2019-01-01', 0, '2019-01-01T00:00:00+02:00']],
  ] as const)('whose key is a %s has one of its forms', (type, good, bad) => {
    const { lines, refused } = checkRecords(
      keyed(type),
      [...good, ...bad].map((id) => ({ id })),
    );
    expect(lines).toEqual(good.map((id) => JSON.stringify({ id })));
    expect(refused.map(({ index }) => index - good.length)).toEqual(bad.map((_, i) => i));
  });

  test('is not told apart by an inherited property that has the name of a key', () => {
    const columns = Object.fromEntries([
      ...Object.entries(aSpec().columns),
      ['constructor', { type: 'string', role: 'key' }],
    ]);
    const spec = aSpec({ columns: columns as DatasetSpec['columns'] });
    expect(checkRecords(spec, [{ id: 1 }]).refused).toMatchObject([{ field: 'constructor', value: null }]);
  });
});

describe('a request of records', () => {
  test.each<[string, unknown, RegExp]>([
    ['no list', { id: 1 }, /^records: got no list/],
    ['nothing', undefined, /^records: got no list/],
    ['no records', [], /^records: got 0, expected 1 to 5000$/],
    ['too many', Array.from({ length: MAX_RECORDS + 1 }, (_, i) => aRecord(i)), /^records: got 5001/],
    [
      'too many bytes',
      Array.from({ length: 40 }, (_, i) => aRecord(i, { kind: 'x'.repeat(60_000) })),
      new RegExp(`^records: got \\d+ bytes, expected at most ${MAX_BATCH_BYTES}`),
    ],
  ])('with %s is refused, and the message quotes nothing of it', (_, records, message) => {
    const error = errorOf(() => checkRecords(aSpec(), records));
    expect(error).toMatchObject({ name: 'RecordsInvalid', kind: 'invalid' });
    expect(error.message).toMatch(message);
  });

  test('for a dataset whose rows have no identity is refused: nothing could tell a repeat from a second record', () => {
    const spec = aSpec({ columns: { day: { type: 'date', role: 'feature' } } });
    expect(errorOf(() => checkRecords(spec, [aRecord(1)]))).toMatchObject({ name: 'DatasetWithoutIdentity' });
  });

  test('for a dataset of which each upload is the whole is refused: they would be all that is left of it', () => {
    expect(errorOf(() => checkRecords(aSpec({ snapshot: true }), [aRecord(1)]))).toMatchObject({
      name: 'DatasetIsSnapshot',
    });
  });

  test('for a series needs group and timestamp of each record', () => {
    const columns: DatasetSpec['columns'] = {
      place: { type: 'string', role: 'group' },
      day: { type: 'date', role: 'timestamp' },
    };
    const { lines, refused } = checkRecords(aSpec({ columns }), [
      { place: 'x', day: '2019-01-01' },
      { day: '2019-01-01' },
    ]);
    expect(lines).toHaveLength(1);
    expect(refused).toMatchObject([{ index: 1, field: 'place' }]);
  });
});
