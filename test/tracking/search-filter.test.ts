import '../seed.ts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseLoggedModelFilter, parseRunFilter } from '../../lambdas/tracking/search-filter.ts';
import { like, matches, type Searchable } from '../../lambdas/tracking/search-match.ts';
import { orderOf, parseRunOrder } from '../../lambdas/tracking/search-order.ts';

/** Texts of MLflow that its clients' tests look for, by the filter that calls them up. */
const refusals: [string, string][] = [
  ['random', "Invalid clause(s) in filter string: 'random'"],
  ["params.acc = 'LR", 'Invalid clause(s) in filter string'],
  ['`metrics.A > 0.1', 'Invalid clause(s) in filter string'],
  ['metrics.acc > 1 OR metrics.acc < 0', 'Invalid clause(s) in filter string'],
  ["status IS 'RUNNING'", 'Invalid clause(s) in filter string'],
  ['metrics.a > 1; metrics.b > 1', 'Search filter contained multiple expression'],
  ['metrics.acc = foo', 'Expected numeric value type for metric. Found foo'],
  ["start_time != 'a'", 'Expected numeric value type for numeric attribute: start_time. Found '],
  ['params.acc = LR', 'value is either not quoted or unidentified quote types'],
  ['params.acc = 5', "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 5"],
  ["foo.bar = 'x'", "Invalid entity type 'foo'. Valid values are"],
  ['acc = 0.9', "Invalid attribute key 'acc' specified. Valid keys are"],
  ["dataset.foo = 'x'", "Invalid dataset key 'foo' specified"],
  ["attribute.status IN ('x')", "Only ['run_id'] attributes support comparison with a list"],
  ["run_id IN ('a', 1)", 'expected string value, punctuation, or whitespace, but got different type in list'],
  ['run_id IN ()', 'expected a non-empty list of string values, but got empty list'],
  ["run_id IN ('a' 'b')", 'got ill-formed list'],
  ['metrics.acc ~ 1', "Invalid comparator '~' not one of"],
  ["params.p > '1'", "Invalid comparator '>' not one of"],
  ["params.p NOT LIKE 'x'", "Invalid comparator 'NOT LIKE' not one of"],
  ['status IS NULL', "IS NULL / IS NOT NULL is only supported for tags and params, not for attribute 'status'"],
  ['metrics.a > 1 AND', "Invalid clause(s) in filter string: 'AND': a clause must follow AND"],
  ['metrics. > 1', "Invalid identifier 'metrics.': the metric has no key"],
  ["constructor = 'x'", "Invalid attribute key 'constructor' specified"],
  ["constructor.x = 'x'", "Invalid entity type 'constructor'"],
  [`tags.a = '${'x'.repeat(50_000)}'`, 'at most 50000 are read'],
];

describe('a filter that breaks a rule is refused with the rule', () => {
  test.each(refusals)('%.60s', (filter, text) => {
    expect(() => parseRunFilter(filter)).toThrow(
      expect.objectContaining({ name: 'SearchFilterInvalid', message: expect.stringContaining(text) }),
    );
  });
});

const refused = (clauses: string[]) => expect(() => parseRunOrder(clauses));

test('an order that breaks a rule is refused with the rule', () => {
  refused(['metrics.acc foo']).toThrow("Invalid ordering key in order_by clause 'metrics.acc foo'");
  refused(['metrics.acc, metrics.b']).toThrow("Invalid order_by clause 'metrics.acc, metrics.b'. Could not be parsed");
  refused(['metrics.`acc']).toThrow("Invalid order_by clause 'metrics.`acc'. Could not be parsed");
  refused(['created', 'start_time desc']).toThrow('`order_by` contains duplicate fields');
  refused(['foo']).toThrow(expect.objectContaining({ name: 'SearchOrderInvalid' }));
});

// Where this grammar takes more than the stock one, which reads keys as SQL, or less: it lets a filter end in AND.
test('bare keys may hold what metric names hold', () => {
  expect(parseRunFilter("params.my-param = 'x' AND metrics.val/acc:1 > 0.5")).toEqual([
    { entity: 'parameter', key: 'my-param', comparator: '=', value: 'x' },
    { entity: 'metric', key: 'val/acc:1', comparator: '>', value: 0.5 },
  ]);
});

test('a doubled quote stands for one, and a backslash for itself', () => {
  expect(parseRunFilter("params.a = 'it''s' AND params.b = 'C:\\'")).toMatchObject([
    { value: "it's" },
    { value: 'C:\\' },
  ]);
  expect(parseRunFilter("params.a = ''")).toMatchObject([{ value: '' }]);
});

test('a logged model compares texts with bare numbers, and a run does not', () => {
  expect(parseLoggedModelFilter('params.lr = 0.01')).toMatchObject([{ value: '0.01' }]);
  expect(() => parseRunFilter('params.lr = 0.01')).toThrow('Expected a quoted string value');
});

const quote = (text: string, mark: string) => `${mark}${text.replaceAll(mark, mark + mark)}${mark}`;
const keys = fc.string({ minLength: 1, maxLength: 12, unit: 'binary' });
const values = fc.string({ maxLength: 12, unit: 'binary' });

test('every key and value survives quoting', () => {
  const marks = fc.constantFrom("'", '"');
  fc.assert(
    fc.property(keys, values, fc.constantFrom('`', '"'), marks, fc.constantFrom('', ' '), (key, value, k, v, gap) => {
      const filter = `tags.${quote(key, k)}${gap}=${gap}${quote(value, v)}${gap}AND${gap} metrics.m>1`;
      expect(parseRunFilter(filter)).toEqual([
        { entity: 'tag', key, comparator: '=', value },
        { entity: 'metric', key: 'm', comparator: '>', value: 1 },
      ]);
    }),
  );
});

test('any text is parsed or refused, and nothing else happens', () => {
  const piece = fc.constantFrom(
    ...`metrics. params.a tags. run_id = != > ( ) , ; ' " \` AND IN NOT IS NULL LIKE 1 -1. x .`.split(' '),
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((pieces) => pieces.join(' ')),
  );
  fc.assert(
    fc.property(text, (filter) => {
      try {
        parseRunFilter(filter);
      } catch (error) {
        expect((error as Error).name).toBe('SearchFilterInvalid');
      }
    }),
    { numRuns: 2000 },
  );
});

test('LIKE agrees with a regular expression that says the same', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_', '🧀', '.', '\n'), maxLength: 8 });
  fc.assert(
    fc.property(letters, letters, (text, pattern) => {
      const source = pattern.replaceAll('.', '\\.').replaceAll('%', '.*').replaceAll('_', '.');
      expect(like(text, pattern)).toBe(new RegExp(`^${source}$`, 'su').test(text));
    }),
    { numRuns: 3000 },
  );
});

test('LIKE with many wildcards stays quick', () => {
  const started = performance.now();
  expect(like('a'.repeat(8000), `${'%a'.repeat(1000)}%b`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});

test('ILIKE folds letters beyond ASCII', () => {
  const clauses = parseRunFilter("params.note ILIKE 'KÄSE%'");
  expect(matches(clauses, aThing({ params: { note: 'käse 🧀' } }))).toBe(true);
});

interface Fields {
  metrics?: Record<string, number>;
  params?: Record<string, string>;
  id?: string;
  start?: number;
}
const aThing = ({ metrics = {}, params = {}, id = '', start = 0 }: Fields): Searchable => ({
  metric: (key) => metrics[key],
  param: (key) => params[key],
  tag: () => undefined,
  attribute: (name) => (name === 'run_id' ? id : name === 'start_time' ? start : undefined),
  datasets: () => [],
});

test('numbers come in order, then NaN, then what lacks the key; ties go by start time and id', () => {
  const value = fc.oneof(fc.constantFrom(NaN, 0, 1), fc.double({ noNaN: true }));
  const fields = fc.record({ acc: fc.option(value, { nil: undefined }), start: fc.integer({ min: 0, max: 3 }) });
  fc.assert(
    fc.property(fc.array(fields), fc.boolean(), (rows, ascending) => {
      const things = rows.map(({ acc, start }, at) => aThing({ metrics: { acc: acc! }, start, id: `r${1000 + at}` }));
      things.sort(orderOf(parseRunOrder([`metrics.acc ${ascending ? '' : 'DESC'}`])));
      const rank = (x: number | undefined) => (x === undefined ? 2 : Number.isNaN(x) ? 1 : 0);
      for (const [at, next] of things.slice(1).entries()) {
        const [a, b] = [things[at]!.metric('acc'), next.metric('acc')];
        expect(rank(a)).toBeLessThanOrEqual(rank(b));
        if (rank(a) === 0 && rank(b) === 0 && a !== b) expect(a! < b!).toBe(ascending);
        else if (rank(a) === rank(b)) {
          const [s, t] = [things[at]!.attribute('start_time')!, next.attribute('start_time')!];
          expect(s > t || (s === t && things[at]!.attribute('run_id')! < next.attribute('run_id')!)).toBe(true);
        }
      }
    }),
  );
});
