import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { duckdbCheckSql } from '../../lambdas/data/aws/duckdb-features.ts';
import { AGGREGATES, FUNCTIONS } from '../../lambdas/data/feature-expression.ts';
import type { FeatureSpec } from '../../lambdas/data/feature-spec.ts';
import { checkColumns, parseFeatureSpec } from '../../lambdas/data/feature-text.ts';
import { entityOf } from '../../lambdas/data/online-features.ts';
import { VISITS } from '../builders/curated.ts';
import { weatherSpec } from '../builders/dataset.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLE = readFileSync(join(ROOT, 'examples/weather/features.yaml'), 'utf8');
const DOCS = readFileSync(join(ROOT, 'docs/features.md'), 'utf8');

const base = {
  ...{ schema: 'millrace/features/1' as const, set: 'daily', dataset: 'visits', owner: 'tests' },
  ...{ entity: ['shop'], timestamp: 'at' },
};
const aSpec = (features: FeatureSpec['features']): FeatureSpec => ({ ...base, features });
const text = (changed: object) =>
  JSON.stringify({ ...base, features: { n: { sql: 'count(*)', type: 'integer', window: '1d' } }, ...changed });

describe('a feature spec', () => {
  test('of the example fits the example dataset, and its SQL is fine', async () => {
    const spec = parseFeatureSpec(EXAMPLE);
    checkColumns(spec, weatherSpec());
    expect(await duckdbCheckSql({ spec, columns: weatherSpec().columns })).toEqual({ problems: [] });
    expect(DOCS).toContain('temp_range: { sql: temp_max - temp_min, type: double }');
  });

  test.each([
    ['an unknown key', { extra: 1 }, /extra/],
    [
      'a window that is none',
      { features: { n: { sql: 'count(*)', type: 'integer', window: '1w' } } },
      /window: got "1w", a length of time/,
    ],
    [
      'a window of nothing',
      { features: { n: { sql: 'count(*)', type: 'integer', window: '0d' } } },
      /longer than nothing/,
    ],
    [
      'a window beyond the longest',
      { features: { n: { sql: 'count(*)', type: 'integer', window: '3651d' } } },
      /at most 3650d/,
    ],
    [
      'a feature with a name that is none',
      { features: { 'N-1': { sql: '1', type: 'integer' } } },
      /lower-case letters/,
    ],
    ['no feature', { features: {} }, /at least one feature/],
    ['an entity twice', { entity: ['shop', 'shop'] }, /each column once/],
    [
      'too many features',
      { features: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`f${i}`, { sql: '1', type: 'integer' }])) },
      /at most 100 features/,
    ],
  ])('with %s is refused by field', (_what, changed, message) => {
    expect(() => parseFeatureSpec(text(changed))).toThrow(message);
  });

  test('that is no YAML is refused as one of features', () => {
    expect(() => parseFeatureSpec('set: [')).toThrow(expect.objectContaining({ name: 'FeatureSpecInvalid' }));
  });

  test.each([
    ['the entity', { entity: ['city'] }, /entity\.0: got city, dataset visits has/],
    ['the entity by a feature', { entity: ['kind'] }, /entity\.0: got kind, which is a feature/],
    ['the time', { timestamp: 'amount' }, /timestamp: got amount, which is double/],
    [
      'a feature like a column of the entity',
      { features: { shop: { sql: '1', type: 'integer' } } },
      /features\.shop: has the name/,
    ],
  ])('that names %s wrongly does not fit its dataset', (_what, changed, message) => {
    expect(() => checkColumns(parseFeatureSpec(text(changed)), VISITS)).toThrow(message);
  });
});

describe('the SQL of a feature', () => {
  const check = async (sql: string, type: 'double' | 'string' | 'integer' = 'double', window?: string) => {
    const spec = aSpec({ x: { sql, type, ...(window && { window }) } });
    return (await duckdbCheckSql({ spec, columns: VISITS.columns })).problems;
  };

  test.each([
    ['amount'],
    ['amount * 2 -- twice'],
    ['CASE WHEN amount BETWEEN 1 AND 2 THEN 0.5 ELSE ln(greatest(amount, 1)) END'],
    ['coalesce(amount, 0) + till % 3'],
    ['date_part(\'hour\', "at")'],
    ["CASE WHEN kind LIKE 'a%' OR kind IN ('b', 'c') THEN 1 ELSE 0 END"],
    ['epoch("at" - INTERVAL 1 DAY) / 3600'],
    ['1e300'],
  ])('may be %s', async (sql) => {
    expect(await check(sql)).toEqual([]);
  });

  test.each([
    ['avg(amount)'],
    ["sum(amount) FILTER (WHERE kind = 'a') / nullif(count(*), 0)"],
    ['quantile_cont(amount, 0.9) - median(amount)'],
    ['count(DISTINCT lower(kind))'],
  ])('may be %s with a window', async (sql) => {
    expect(await check(sql, 'double', '7d')).toEqual([]);
  });

  test.each([
    ['amount; DROP TABLE x', /SELECT/],
    ['amount, till', /one expression/],
    ['amount FROM other', /one expression/],
    ['amount UNION SELECT 1', /one expression/],
    ['amount LIMIT 1', /one expression/],
    ['DISTINCT amount', /one expression/],
    ['amount AS y', /alias/],
    ['(SELECT 1)', /subquery/],
    ['EXISTS (SELECT 1)', /subquery/],
    ['*', /star/],
    ['COLUMNS(*)', /star/],
    ['$1', /parameter/],
    ['#1', /positional_reference/],
    ['other', /got the column other, the dataset has id, shop/],
    ['other.amount', /got the column other\.amount/],
    ['_known', /got the column _known/],
    ['current_date', /got the column current_date/],
    ['now()', /got the function now/],
    ['random()', /got the function random/],
    ['read_text(kind)', /got the function read_text/],
    ["getenv('HOME')", /got the function getenv/],
    ["current_setting('threads')", /got the function current_setting/],
    ['nextval(kind)', /got the function nextval/],
    ['first(amount)', /got the function first/],
    ['arg_max(amount, id)', /got the function arg_max/],
    ['string_agg(kind)', /got the function string_agg/],
    ['avg(amount) OVER ()', /window is nothing/],
    ['avg(sum(amount))', /sum stands within avg/],
    ['avg(amount) FILTER (WHERE count(*) > 1)', /count_star stands within avg/],
    ['amount - avg(amount)', /amount stands outside of an aggregate/],
    ['max(amount ORDER BY id)', /no ORDER BY/],
    ['abs(amount) FILTER (WHERE true)', /abs is no aggregate/],
    ['kind[1]', /ARRAY_EXTRACT/],
    ['list_transform([amount], v -> v)', /got the function list_transform/],
    ['amount + kind', /No function matches/],
    ['9007199254740993', /15 digits/],
    ['amount) AS a, (amount', /syntax error/],
    ['amount +', /syntax error/],
    ['kind', /gives VARCHAR, expected something that is double/],
    ['CAST(kind AS STRUCT(a INTEGER))', /expected something that is double/],
  ])('is not %s', async (sql, message) => {
    const [problem, ...others] = await check(sql, 'double', '7d');
    expect(others).toEqual([]);
    expect(problem).toMatch(/^features\.x\.sql: got /);
    expect(problem).toMatch(message);
  });

  test('has a window where it is of many rows', async () => {
    expect(await check('avg(amount)')).toEqual([expect.stringMatching(/expected a window/)]);
  });

  test('gives whole numbers where they are promised', async () => {
    expect(await check('till + 1', 'integer')).toEqual([]);
    expect(await check('till / 2', 'integer')).toEqual([expect.stringMatching(/gives DOUBLE/)]);
  });

  test('is told of for every feature at once', async () => {
    const spec = aSpec({
      a: { sql: 'x', type: 'double' },
      b: { sql: 'amount', type: 'double' },
      c: { sql: 'y', type: 'double' },
    });
    const { problems } = await duckdbCheckSql({ spec, columns: VISITS.columns });
    expect(problems.map((each) => each.split(':')[0])).toEqual(['features.a.sql', 'features.c.sql']);
  });

  test('may use what docs/features.md lists, and nothing else', () => {
    const listed = new Set(
      DOCS.split('\n')
        .filter((line) => line.startsWith('| '))
        .flatMap((line) => [...line.matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name)),
    );
    const isWord = (name: string) => /^[a-z]/.test(name);
    // `count(*)`, and what DuckDB makes of INTERVAL.
    const unsaid = ['count_star', 'to_years', 'to_months', 'to_days', 'to_hours', 'to_minutes', 'to_seconds'];
    const allowed = [...AGGREGATES, ...FUNCTIONS].filter((name) => isWord(name) && !unsaid.includes(name));
    expect([...listed].sort()).toEqual(allowed.sort());
  });
});

describe('an entity', () => {
  const columns = [
    ['shop', 'string'],
    ['till', 'integer'],
  ] as const;
  const read = (given: Record<string, string | number | boolean>) => entityOf(given, columns, 'entities.0');

  test('is its columns in their types, however they are written', () => {
    expect(read({ till: '2', shop: 'x' })).toEqual({ shop: 'x', till: 2 });
    expect(read({ till: 2, shop: '7' })).toEqual({ shop: '7', till: 2 });
    expect(entityOf({ at: '2020-01-02 03:04:05.5' }, [['at', 'timestamp']], 'e')).toEqual({
      at: '2020-01-02T03:04:05.500000Z',
    });
    expect(
      entityOf(
        { day: '2020-01-02', open: 'True' },
        [
          ['day', 'date'],
          ['open', 'boolean'],
        ],
        'e',
      ),
    ).toEqual({ day: '2020-01-02', open: true });
  });

  test.each([
    [{ shop: 'x' }, /entities\.0: got no till, an entity of the set has shop, till/],
    [{ shop: 'x', till: 1, city: 'y' }, /entities\.0: got city/],
    [{ shop: 'x', till: '1.5' }, /entities\.0\.till: got "1\.5", expected one of type integer/],
  ])('is not %j', (given, message) => {
    expect(() => read(given)).toThrow(message);
  });

  test('has no day that there is not', () => {
    expect(() => entityOf({ day: '2020-02-30' }, [['day', 'date']], 'e')).toThrow(/expected one of type date/);
    expect(() => entityOf({ at: '2020-02-30T00:00:00Z' }, [['at', 'timestamp']], 'e')).toThrow(
      /expected one of type timestamp/,
    );
  });
});
