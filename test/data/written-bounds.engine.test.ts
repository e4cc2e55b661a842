import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PARQUET } from '../../lambdas/data/aws/duckdb-pass.ts';
import { areWithin } from '../../lambdas/data/aws/duckdb-proof.ts';
import type { Column } from '../../lambdas/data/dataset-spec.ts';
import { curatedRows } from '../builders/curated-rows.ts';
import { aSpec } from '../builders/dataset.ts';
import { withDuckdb } from '../builders/profiled-version.ts';
import { refined } from '../builders/refined.ts';
import { aRefinery } from '../builders/refinery.ts';

describe('what a written file says of its numbers', () => {
  /** 10 row groups of 2,048 rows; `x` is an SQL expression of the row's number `i`. */
  const within = (x: string, bound: { low?: number; high?: number; nullable?: boolean } = {}) =>
    withDuckdb(async (duckdb, folder) => {
      const file = join(folder, 'rows.parquet');
      await duckdb.run(`COPY (SELECT i, ${x} AS x FROM range(20480) rows(i)) TO '${file}'
        (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
      const claim = { name: 'x', low: 0, high: 20_479, nullable: false, ...bound };
      return areWithin(duckdb, [file], [{ name: 'i', low: 0, high: 20_479, nullable: false }, claim]);
    });
  const once = (row: number, value: string) => `CASE WHEN i = ${row} THEN ${value} ELSE i::DOUBLE END`;

  test('proves bounds that every row group is within, to the last bit', async () => {
    expect(await within('i::DOUBLE')).toBe(true);
    expect(await within('i')).toBe(true);
    expect(await within('-0.0::DOUBLE', { high: 0 })).toBe(true);
    expect(await within(once(7, '0.1::DOUBLE + 0.2::DOUBLE'), { low: 0.1 + 0.2 })).toBe(false);
    expect(await within('0.1::DOUBLE + 0.2::DOUBLE', { high: 0.1 + 0.2 })).toBe(true);
    expect(await within('0.1::DOUBLE + 0.2::DOUBLE', { high: 0.3 })).toBe(false);
  });

  test.each(['nan', 'inf', '-inf', '20480', '-1e-300', '1.7976931348623157e308'])(
    'proves nothing where one row of one row group is %s',
    async (value) => {
      for (const row of [0, 5000, 20_479]) expect(await within(once(row, `'${value}'::DOUBLE`))).toBe(false);
    },
  );

  test('proves nothing where a whole row group is no number, and takes empty ones where they may be', async () => {
    expect(await within("CASE WHEN i < 2048 THEN 'nan'::DOUBLE ELSE 1 END")).toBe(false);
    expect(await within("'nan'::DOUBLE")).toBe(false);
    expect(await within("CASE WHEN i = 3 THEN 'nan'::DOUBLE WHEN i > 3 THEN 1 END", { nullable: true })).toBe(false);
    expect(await within(once(9, 'NULL'))).toBe(false);
    expect(await within(once(9, 'NULL'), { nullable: true })).toBe(true);
    expect(await within('CASE WHEN i >= 2048 THEN 1.5 END', { nullable: true })).toBe(true);
    expect(await within('NULL::DOUBLE', { nullable: true })).toBe(true);
  });
});

test('rows of a place are written in the order in which they came, whatever places there are', async () => {
  await withDuckdb(async (duckdb, folder) => {
    for (const place of ['i >= 300000', 'i % 7 = 0', 'i % 90000 < 50000']) {
      const output = join(folder, `by ${place}`);
      await duckdb.run(`COPY (SELECT i, (${place}) AS place FROM range(500000) rows(i) WHERE i % 11 <> 0)
        TO '${output}' (${PARQUET}, PARTITION_BY (place))`);
      for (const file of ['place=true', 'place=false'].map((name) => join(output, name, 'data_0.parquet'))) {
        const [found] = await duckdb.rows<{ rises: boolean }>(
          `SELECT bool_and(i > before) AS rises FROM (SELECT i, lag(i) OVER () AS before FROM read_parquet('${file}'))`,
        );
        expect([place, file.includes('true'), found?.rises]).toEqual([place, file.includes('true'), true]);
      }
    }
  });
});

describe('rows are taken by their numbers alike, whether what was written proves their bounds or not', () => {
  const fields = ['1', '-3', '10', '0.5', '10.5', '-11', 'nan', 'inf', '1e999', '1_0', '', 'x', '+2', '007', '1e1'];
  const column = fc.record({
    type: fc.constantFrom('double' as const, 'integer' as const),
    nullable: fc.boolean(),
    min: fc.constantFrom(undefined, -10),
    max: fc.constantFrom(undefined, 10),
    level: fc.constantFrom(undefined, 'warn' as const),
  });
  /** The rules as a person would apply them to a text. */
  const takes = (text: string, { type, nullable, min = -Infinity, max = Infinity, level }: Column) => {
    if (text === '') return nullable || level === 'warn';
    const written = type === 'integer' ? /^[+-]?[0-9]{1,16}$/ : /^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)(e[0-9]+)?$/;
    if (!written.test(text) || !Number.isFinite(Number(text))) return false;
    return level === 'warn' || (Number(text) >= min && Number(text) <= max);
  };

  test('for any mixture of good and bad ones', async () => {
    await fc.assert(
      fc.asyncProperty(
        column,
        // Half of the files have no number that is oddly written, so that the scanner itself reads them.
        fc
          .tuple(fc.subarray(fields, { minLength: 1, maxLength: 4 }), fc.nat(2))
          .chain(([some, bad]) =>
            fc.array(fc.constantFrom(...(bad ? some : ['1', '-3', '10', '2'])), { minLength: 1, maxLength: 12 }),
          ),
        async (given, texts) => {
          const x = { role: 'feature', ...JSON.parse(JSON.stringify(given)) } as Column;
          const { id, day } = aSpec().columns as { id: Column; day: Column };
          const spec = aSpec({ columns: { id, day, x } });
          const lines = texts.map((text, i) => `${i},2019-01-0${1 + (i % 9)},${text}`);
          const at = aRefinery();
          const { rows, files } = await refined(`id,day,x\n${lines.join('\n')}\n`, spec, at);
          const good = texts.flatMap((text, i) => (takes(text, x) ? [i] : []));
          expect(rows).toMatchObject({ given: texts.length, broken: texts.length - good.length });
          if (good.length === 0) return;
          const kept = await curatedRows(at, spec.dataset, files);
          expect(kept.map((row) => [Number(row['id']), row['x'] === null ? null : Number(row['x'])])).toEqual(
            good.map((i) => [i, texts[i] === '' ? null : Number(texts[i])]),
          );
        },
      ),
      { numRuns: 8 },
    );
  });

  test('also where a record has too few fields, which is counted once', async () => {
    const { rows, counts } = await refined(
      'id,day,size,kind,good,seen\n1,2019-01-01\n2,2019-01-01,200,,,\n3,2019-01-01,5,,,\n',
    );
    expect(rows).toMatchObject({ given: 3, broken: 2, fresh: 1 });
    expect(counts.map(({ column: name, rows: n }) => [name, n])).toEqual([
      ['(record)', 1],
      ['size', 1],
    ]);
  });
});
