import { describe, expect, test } from '@jest/globals';
import { type DatasetSpec, identityOf } from '../../lambdas/data/dataset-spec.ts';
import { parseDatasetSpec } from '../../lambdas/data/spec-text.ts';
import { digestOfJson } from '../../lambdas/shared/digest.ts';
import { aSpec, weatherSpec, weatherSpecText } from '../builders/dataset.ts';

const refusal = (spec: unknown) => {
  try {
    parseDatasetSpec(typeof spec === 'string' ? spec : JSON.stringify(spec));
    return undefined;
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
};
const withColumn = (name: string, column: unknown) => ({ ...aSpec(), columns: { ...aSpec().columns, [name]: column } });
const feature = (given: object) => ({ type: 'double', role: 'feature', ...given });

describe('a dataset spec', () => {
  test('of the weather example is read as it is written', () => {
    const spec = weatherSpec();
    expect(spec.split).toEqual({ by: 'date', testFrom: '2015-01-01' });
    expect(spec.columns['temp_max']).toEqual({ type: 'double', role: 'feature', unit: '°C', min: -60, max: 60 });
    expect(identityOf(spec.columns)).toEqual(['date', 'location']);
  });

  test('has the same digest whatever comments and order it is written with', () => {
    const { schema, ...rest } = weatherSpec();
    const other = `# other words\n${JSON.stringify({ ...rest, schema })}`;
    expect(digestOfJson(parseDatasetSpec(other))).toBe(digestOfJson(parseDatasetSpec(weatherSpecText())));
  });

  test.each<[string, unknown, RegExp]>([
    ['an unknown key', { ...aSpec(), colour: 1 }, /^spec: input: got \{.*, unrecognized key: "colour"$/],
    ['an unknown key of a column', withColumn('more', feature({ typ: 1 })), /^spec: columns\.more: .*"typ"/],
    ['no columns', { ...aSpec(), columns: undefined }, /^spec: columns: got nothing/],
    ['no column', { ...aSpec(), columns: {} }, /expected at least one column/],
    ['no owner', { ...aSpec(), owner: undefined }, /^spec: owner: got nothing/],
    ['another schema', { ...aSpec(), schema: 'millrace/dataset/2' }, /^spec: schema: got "millrace\/dataset\/2"/],
    ['a name with a slash', { ...aSpec(), dataset: '../x' }, /^spec: dataset: got "\.\.\/x", a dataset is lower-case/],
    ['the name of a part', { ...aSpec(), dataset: 'train' }, /^spec: dataset: got "train", a dataset is not named as/],
    ['an unknown type', withColumn('more', feature({ type: 'float' })), /^spec: columns\.more\.type: got "float"/],
    ['an unknown role', withColumn('more', feature({ role: 'label' })), /^spec: columns\.more\.role: got "label"/],
    ['a column that is SQL', withColumn('a"; DROP', feature({})), /a column begins with a letter/],
    ['a column of ours', withColumn('_row', feature({})), /a column begins with a letter/],
    [
      'a twin in capitals',
      withColumn('Size', feature({})),
      /columns\.size: got .*differs from column Size in case only/,
    ],
    [
      'min above max',
      withColumn('more', feature({ min: 2, max: 1 })),
      /columns\.more\.min: got 2, expected at most max/,
    ],
    [
      'a range of texts',
      withColumn('more', feature({ type: 'string', min: 2 })),
      /columns\.more\.min: got 2, a string/,
    ],
    ['values of numbers', withColumn('more', feature({ values: ['1'] })), /columns\.more\.values: .* a double column/],
    ['a nullable key', withColumn('id', feature({ type: 'integer', role: 'key', nullable: true })), /never empty/],
    ['a text as timestamp', withColumn('more', { type: 'string', role: 'timestamp' }), /a timestamp is a date/],
    [
      'a split by nothing',
      { ...aSpec(), split: { by: 'x', testFrom: '2020-01-01' } },
      /split\.by: got "x", expected one of/,
    ],
    ['a split by a text', { ...aSpec(), split: { by: 'kind', testFrom: '2020-01-01' } }, /kind is string/],
    ['a split by what may be empty', { ...aSpec(), split: { by: 'seen', testFrom: '2020-01-01' } }, /not nullable/],
    [
      'no day',
      { ...aSpec(), split: { by: 'day', testFrom: '2020-02-30' } },
      /^spec: split\.testFrom: got "2020-02-30"/,
    ],
    ['a buffer without a time', { ...aSpec(), stream: {} }, /^spec: stream\.flushSeconds: got nothing/],
    ['a time of nothing', { ...aSpec(), stream: { flushSeconds: 1 } }, /^spec: stream\.flushSeconds: got 1, .*>=10/],
    ['no YAML', 'a: [', /^spec: is not YAML/],
    ['a key twice', 'schema: a\nschema: b\n', /^spec: is not YAML: Map keys must be unique/],
    ['a list', '- a', /^spec: input: got \["a"\]/],
    ['nothing', '', /^spec: input: got null/],
    ['a tag', 'schema: !!js/function x', /^spec: is not YAML/],
    ['an alias bomb', bomb(), /^spec: .*alias/i],
  ])('with %s is refused by field, value and rule', (_what, spec, message) => {
    expect(refusal(spec)).toEqual({ name: 'DatasetSpecInvalid', message: expect.stringMatching(message) });
  });

  test('that is too large for one item is refused', () => {
    const columns = Object.fromEntries(
      Array.from({ length: 400 }, (_, i) => [
        `c${i}`,
        { type: 'string', role: 'feature', values: ['x'.repeat(256), 'y'.repeat(255), `${i}`] },
      ]),
    ) as DatasetSpec['columns'];
    expect(refusal({ ...aSpec(), columns: { ...columns, day: { type: 'date', role: 'feature' } } })?.message).toMatch(
      /characters as JSON, at most 200000/,
    );
  });
});

describe('the identity of a row', () => {
  const of = (...roles: [string, DatasetSpec['columns'][string]['role']][]) =>
    identityOf(Object.fromEntries(roles.map(([name, role]) => [name, { type: 'date', role }])));

  test('is its keys, whatever else there is', () => {
    expect(of(['b', 'key'], ['a', 'key'], ['g', 'group'], ['t', 'timestamp'])).toEqual(['a', 'b']);
  });
  test('is group and timestamp where there is no key', () => {
    expect(of(['t', 'timestamp'], ['g', 'group'], ['x', 'feature'])).toEqual(['g', 't']);
  });
  test('is nothing where a group has no timestamp', () => {
    expect(of(['g', 'group'], ['x', 'feature'])).toEqual([]);
  });
});

function bomb(): string {
  const lines = ['a0: &a0 [x, x]'];
  for (let i = 1; i < 30; i++) lines.push(`a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`);
  return lines.join('\n');
}
