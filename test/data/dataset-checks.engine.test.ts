import { describe, expect, test } from '@jest/globals';
import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { refusalOf } from '../../lambdas/data/refusal.ts';
import { aCsv, aSpec } from '../builders/dataset.ts';
import { manifestOf, refined } from '../builders/refined.ts';
import { aRefinery } from '../builders/refinery.ts';

const withChecks = (...checks: NonNullable<DatasetSpec['checks']>) => aSpec({ checks });
const day = '2019-01-01';

describe('a condition in SQL', () => {
  const check = (where: string, level: 'warn' | 'quarantine' | 'refuse' = 'quarantine') =>
    withChecks({ rule: 'sql', name: 'small-a', where, level });
  const rows = aCsv(`1,${day},5,a,,`, `2,${day},50,a,,`, `3,${day},,a,,`, `4,${day},50,b,,`);

  test('sets aside the rows that break it; what it cannot tell does not', async () => {
    const { rows: n, sample, sampleRows } = await refined(rows, check(`kind <> 'a' OR size < 10`));
    expect(n).toMatchObject({ given: 4, broken: 1, fresh: 3 });
    expect(sample).toEqual([{ row: 2, column: 'small-a', value: null, rule: 'sql', level: 'quarantine' }]);
    expect(sampleRows).toEqual([{ row: 2, values: { day, good: null, id: '2', kind: 'a', seen: null, size: '50' } }]);
  });

  test('may use what SQL has for one row', async () => {
    const where = `abs(size) * 2 + 1 < 100 AND upper(kind) LIKE 'A%' AND date_diff('day', DATE '2018-12-31', day) = 1
      AND length(kind) BETWEEN 1 AND 3 AND coalesce(good, true) AND CASE WHEN id % 2 = 0 THEN true ELSE regexp_matches(kind, '^[a-z]$') END`;
    expect((await refined(rows, check(where))).rows).toMatchObject({ given: 4, broken: 2, fresh: 2 });
  });

  test('only warns where it says so', async () => {
    const { rows: n, counts } = await refined(rows, check('size < 10', 'warn'));
    expect(n).toMatchObject({ broken: 0, fresh: 4 });
    expect(counts).toEqual([{ column: 'small-a', rule: 'sql', level: 'warn', rows: 2 }]);
  });

  test('refuses the file where it says so, and then nothing is kept of it', async () => {
    const at = aRefinery();
    const spec = check('size < 10', 'refuse');
    const got = await refined(rows, spec, at);
    expect(refusalOf(got, spec)).toMatchObject({
      name: 'CheckRefused',
      message: expect.stringContaining('small-a: 2 rows break sql'),
    });
    expect(at.curated.keys()).toEqual([]);
  });

  test.each([
    ['two statements', 'true); DROP TABLE x; --', 'SELECT|syntax|parse|expression'],
    ['a file', `(SELECT count(*) FROM read_csv('/etc/passwd')) > 0`, 'subquery'],
    ['the key', `getvariable('millrace_inner_key') IS NULL`, 'calls getvariable'],
    ['a time of asking', 'day < current_date', 'names current_date'],
    ['chance', 'random() < 0.5', 'calls random'],
    ['several rows of one', 'unnest([true, true])', 'calls unnest'],
    ['all columns', 'COLUMNS(*) IS NOT NULL', 'star'],
    ['a count', 'count(*) > 0', 'calls count_star'],
    ['a table', '_rows.id > 0', 'names _rows.id'],
    ['a comment that hides what follows', 'true) FROM _rows --', 'SELECT|expression|syntax'],
    ['a window', 'row_number() OVER () > 1', 'window'],
    ['a column that is not there', 'weight > 1', 'weight'],
    ['no condition', 'size +', 'syntax'],
  ])('cannot be %s', async (_what, where, reason) => {
    await expect(refined(rows, check(where))).rejects.toMatchObject({
      name: 'CheckUnusable',
      message: expect.stringMatching(new RegExp(`^checks.small-a: where: got .*(${reason})`, 's')),
    });
  });
});

describe('other checks', () => {
  test('no two rows may share what is unique, and both are doubtful', async () => {
    const spec = withChecks({ rule: 'unique', name: 'one-kind', columns: ['kind', 'size'], level: 'quarantine' });
    const csv = aCsv(`1,${day},5,a,,`, `2,${day},5,a,,`, `3,${day},6,a,,`, `4,${day},,a,,`, `5,${day},,a,,`);
    const { rows, sample } = await refined(csv, spec);
    expect(rows).toMatchObject({ given: 5, broken: 2, fresh: 3 });
    expect(sample).toMatchObject([
      { row: 1, column: 'one-kind', value: 'a, 5.0', rule: 'unique' },
      { row: 2, column: 'one-kind', rule: 'unique' },
    ]);
  });

  test('a reference must be to a value that the other dataset has', async () => {
    const at = aRefinery();
    const kinds = aSpec({
      dataset: 'kinds',
      columns: { code: { type: 'string', role: 'key' }, day: { type: 'date', role: 'feature' } },
    });
    const known = await refined(`code,day\na,${day}\n`, kinds, at);
    const spec = withChecks({
      rule: 'reference',
      name: 'known-kind',
      column: 'kind',
      dataset: 'kinds',
      key: 'code',
      level: 'quarantine',
    });
    const references = { kinds: manifestOf(kinds, known) };
    const { rows, sample } = await refined(
      aCsv(`1,${day},5,a,,`, `2,${day},5,b,,`, `3,${day},5,,,`),
      spec,
      at,
      undefined,
      { references },
    );
    expect(rows).toMatchObject({ broken: 1, fresh: 2 });
    expect(sample).toEqual([{ row: 2, column: 'known-kind', value: 'b', rule: 'reference', level: 'quarantine' }]);
    await expect(refined(aCsv(`1,${day},5,a,,`), spec, at)).rejects.toMatchObject({
      name: 'CheckUnusable',
      message: expect.stringContaining('got kinds, there is no version of it'),
    });
  });

  test('a reference that may be empty in the other dataset still tells what is not there', async () => {
    const at = aRefinery();
    const columns = {
      id: { type: 'integer', role: 'key' },
      code: { type: 'string', role: 'feature', nullable: true },
      day: { type: 'date', role: 'feature' },
    } as const;
    const kinds = aSpec({ dataset: 'kinds', columns });
    const known = await refined(`id,code,day\n1,a,${day}\n2,,${day}\n`, kinds, at);
    const columnsHere = { ...aSpec().columns, kind: { type: 'string', role: 'feature', nullable: true } as const };
    const spec = aSpec({
      columns: columnsHere,
      checks: [
        { rule: 'reference', name: 'known-kind', column: 'kind', dataset: 'kinds', key: 'code', level: 'quarantine' },
      ],
    });
    const { rows } = await refined(aCsv(`1,${day},5,a,,`, `2,${day},5,zzz,,`), spec, at, undefined, {
      references: { kinds: manifestOf(kinds, known) },
    });
    expect(rows).toMatchObject({ given: 2, broken: 1, fresh: 1 });
  });

  test("a row that is set aside takes no other row's place", async () => {
    const spec = aSpec({
      conflict: 'replace',
      checks: [{ rule: 'unique', name: 'one-size', columns: ['size'], level: 'quarantine' }],
    });
    const at = aRefinery();
    const one = await refined(aCsv(`1,${day},1,a,,`, `2,${day},2,a,,`), spec, at);
    const two = await refined(
      aCsv(`1,${day},9,a,,`, `3,${day},9,a,,`, `2,${day},7,a,,`),
      spec,
      at,
      manifestOf(spec, one),
    );
    expect(two.rows).toMatchObject({ given: 3, broken: 2, fresh: 1, replaced: 1 });
    expect(two.columns['id']).toMatchObject({ count: 2, min: 1, max: 2 });
  });

  test('what is there already is no stale news', async () => {
    const spec = withChecks({ rule: 'fresh', name: 'it', column: 'day', withinHours: 24, level: 'refuse' });
    const at = aRefinery();
    const again = { at: '2019-01-01T12:00:00.000Z' };
    const one = await refined(aCsv(`1,${day},5,a,,`), spec, at, undefined, again);
    const two = await refined(aCsv(`1,${day},5,a,,`), spec, at, manifestOf(spec, one), again);
    expect(refusalOf(two, spec)).toBeUndefined();
    expect(two.rows).toMatchObject({ repeated: 1, broken: 0 });
  });

  test('a condition that fails on a value does not break it, and says nothing of it', async () => {
    const spec = withChecks({ rule: 'sql', name: 'whole-kind', where: 'kind::INTEGER > 0', level: 'quarantine' });
    expect((await refined(aCsv(`1,${day},5,a,,`), spec)).rows).toMatchObject({ broken: 0, fresh: 1 });
  });

  test.each([
    [{ rule: 'nulls', column: 'size', atMostPercent: 60 }, true],
    [{ rule: 'nulls', column: 'size', atMostPercent: 40 }, false],
    [{ rule: 'rows', atLeast: 2 }, true],
    [{ rule: 'rows', atLeast: 3 }, false],
    [{ rule: 'rows', atMost: 1 }, false],
    [{ rule: 'rows', deltaPercent: 50 }, true],
    [{ rule: 'rows', deltaPercent: 20 }, false],
    [{ rule: 'fresh', column: 'day', withinHours: 24 * 366 }, true],
    [{ rule: 'fresh', column: 'day', withinHours: 24 * 300 }, false],
  ] as const)('%j passes: %s', async (check, passed) => {
    const spec = withChecks({ name: 'it', level: 'refuse', ...check } as NonNullable<DatasetSpec['checks']>[number]);
    const csv = aCsv('1,2019-01-01,5,a,,', '2,2019-06-01,,a,,');
    const got = await refined(csv, spec, aRefinery(), undefined, { rowsBefore: 3, at: '2020-05-01T00:00:00.000Z' });
    expect(got.checks).toMatchObject([{ name: 'it', passed, level: 'refuse' }]);
    expect(refusalOf(got, spec)?.name).toBe(passed ? undefined : 'CheckRefused');
    expect(got.files.length > 0).toBe(passed);
  });

  test('a rule of a column may warn, but not about a value that is none', async () => {
    const columns = { ...aSpec().columns, size: { type: 'double', role: 'feature', max: 10, level: 'warn' } as const };
    const { rows, counts } = await refined(
      aCsv(`1,${day},50,a,,`, `2,${day},,a,,`, `3,${day},big,a,,`),
      aSpec({ columns }),
    );
    expect(rows).toMatchObject({ given: 3, broken: 1, fresh: 2 });
    expect(counts).toEqual([
      { column: 'size', rule: 'range', level: 'warn', rows: 1 },
      { column: 'size', rule: 'required', level: 'warn', rows: 1 },
      { column: 'size', rule: 'type', level: 'quarantine', rows: 1 },
    ]);
  });

  test('a pattern that is none is named before anything is read', async () => {
    const columns = { ...aSpec().columns, kind: { type: 'string', role: 'feature', pattern: '([A-Z]' } as const };
    await expect(refined(aCsv(`1,${day},5,A,,`), aSpec({ columns }))).rejects.toMatchObject({
      name: 'CheckUnusable',
      message: expect.stringMatching(/^columns.kind.pattern: got "\(\[A-Z\]", .*missing/),
    });
  });

  test('a text must match all of its pattern', async () => {
    const columns = { ...aSpec().columns, kind: { type: 'string', role: 'feature', pattern: '[A-Z]{3}' } as const };
    const { sample } = await refined(aCsv(`1,${day},5,JFK,,`, `2,${day},5,JFKX,,`), aSpec({ columns }));
    expect(sample).toMatchObject([{ row: 2, column: 'kind', value: 'JFKX', rule: 'pattern' }]);
  });
});
