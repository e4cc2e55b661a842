import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { profileFiles } from '../../lambdas/data/aws/duckdb-profile.ts';
import { summariseFiles } from '../../lambdas/data/aws/duckdb-summary.ts';
import { columnBlock } from '../../lambdas/data/column-block.ts';
import {
  KEPT_VALUES,
  mergeSummaries,
  type NumberSummary,
  registersText,
  summaryOfNumbers,
  type TextSummary,
} from '../../lambdas/data/column-summary.ts';
import { BUCKET_ERROR } from '../../lambdas/data/float-buckets.ts';
import { HyperLogLog } from '../../lambdas/data/hyperloglog.ts';
import { profileNumbers, summariseNumbers } from '../../lambdas/data/number-profile.ts';
import { ColumnProfile } from '../../lambdas/data/profile.ts';
import { profileOfSummary } from '../../lambdas/data/summary-profile.ts';
import { withDuckdb } from '../builders/profiled-version.ts';

async function summaryOf(values: readonly number[]): Promise<NumberSummary> {
  const block = () => columnBlock(Float64Array.from(values), values.length, undefined);
  const { scan, centred } = await summariseNumbers('integer', async (visit) =>
    visit({ rows: values.length, columns: [block()] }),
  );
  return summaryOfNumbers('integer', scan, centred);
}

/** Below the least normal double a bucket has no relative error to speak of. */
const NOTHING = 1e-300;

const near = (ours: number, theirs: number, within: number) =>
  expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(within + NOTHING);

describe('the summaries of parts', () => {
  const part = fc.array(
    fc.oneof(fc.integer({ min: -1e6, max: 1e6 }), fc.double({ noNaN: true, min: -1e3, max: 1e3 })),
    {
      maxLength: 60,
    },
  );

  test('merge into that of the whole, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(part, part, part, async (a, b, c) => {
        const parts = [await summaryOf(a), await summaryOf(b), await summaryOf(c)] as const;
        const whole = await summaryOf([...a, ...b, ...c]);
        for (const merged of [
          mergeSummaries(mergeSummaries(parts[0], parts[1]), parts[2]),
          mergeSummaries(parts[2], mergeSummaries(parts[1], parts[0])),
        ]) {
          const { mean, m2, m3, ...counts } = merged;
          expect(whole).toMatchObject(counts);
          const size = Math.max(1, ...[...a, ...b, ...c].map(Math.abs));
          near(mean, whole.mean, size * 1e-12);
          near(m2, whole.m2, size ** 2 * 1e-9);
          near(m3, whole.m3, size ** 3 * 1e-9);
          expect(JSON.parse(JSON.stringify(merged))).toEqual(merged);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('give a profile whose quantiles are within the error that it states', async () => {
    await fc.assert(
      fc.asyncProperty(part, part, async (a, b) => {
        const profile = profileOfSummary(mergeSummaries(await summaryOf(a), await summaryOf(b)));
        const exact = await profileNumbers(Float64Array.from([...a, ...b]), 'integer');
        ColumnProfile.parse(profile);
        expect(profile).toMatchObject({ count: exact.count, nulls: 0 });
        if (exact.count === 0) return;
        expect(profile.quantilesWithin).toBe(BUCKET_ERROR);
        const sorted = [...a, ...b].sort((x, y) => x - y);
        for (const [name, p] of [
          ['p05', 0.05],
          ['p50', 0.5],
          ['p95', 0.95],
        ] as const) {
          const place = (sorted.length - 1) * p;
          const size = Math.max(Math.abs(sorted[Math.floor(place)] ?? 0), Math.abs(sorted[Math.ceil(place)] ?? 0));
          near(profile.quantiles?.[name] as number, exact.quantiles?.[name] as number, size * BUCKET_ERROR * 1.0001);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('of one and another type are refused', async () => {
    const one = await summaryOf([1]);
    expect(() => mergeSummaries(one, { ...one, type: 'double' })).toThrow('type: got integer and double');
  });
});

describe('texts', () => {
  const log = registersText(new HyperLogLog());
  const textsOf = (top: TextSummary['top'], missed = 0): TextSummary => ({
    ...{ kind: 'text', type: 'string', nulls: 0, distinct: log, missed, top },
    count: top.reduce((sum, [, n]) => sum + n, 0),
  });

  test('whose parts list every value are counted exactly', () => {
    const merged = mergeSummaries(
      textsOf([
        ['a', 3],
        ['b', 1],
      ]),
      textsOf([['b', 4]]),
    );
    expect(profileOfSummary(merged)).toMatchObject({
      distinct: 2,
      top: [
        { value: 'b', count: 5 },
        { value: 'a', count: 3 },
      ],
    });
    expect(profileOfSummary(merged)).not.toHaveProperty('topWithin');
  });

  test('of which a part lists some only say how many they may be short of', () => {
    const many = Array.from({ length: KEPT_VALUES }, (_, i): [string, number] => [
      `v${String(i).padStart(4, '0')}`,
      2000 - i,
    ]);
    const merged = mergeSummaries(textsOf(many, 7), textsOf([['zzz', 5]]));
    expect(merged.top).toHaveLength(KEPT_VALUES);
    expect(merged.missed).toBe(12);
    expect(profileOfSummary(merged)).toMatchObject({
      topWithin: 12,
      top: expect.arrayContaining([{ value: 'v0000', count: 2000 }]),
    });
  });

  test('of a boolean and a text column in two files are those of both files', async () => {
    await withDuckdb(async (duckdb, folder) => {
      const columns = {
        kind: { type: 'string', role: 'feature' },
        good: { type: 'boolean', role: 'feature' },
        size: { type: 'double', role: 'feature' },
      } as const;
      const files = [`${folder}/a.parquet`, `${folder}/b.parquet`];
      await writeFile(`${folder}/none`, '');
      for (const [i, file] of files.entries())
        await duckdb.run(
          `COPY (SELECT 'k' || (i % ${3 + i}) AS kind, CASE WHEN i % 5 > 0 THEN i % 2 = 0 END AS good, CASE WHEN i % 7 > 0 THEN i / 8 END AS size FROM range(5000) r(i)) TO '${file}' (FORMAT parquet)`,
        );
      const whole = await profileFiles(duckdb, columns, files);
      const [a, b] = [
        await summariseFiles(duckdb, columns, [files[0] as string]),
        await summariseFiles(duckdb, columns, [files[1] as string]),
      ];
      for (const name of ['kind', 'good'] as const)
        expect(profileOfSummary(mergeSummaries(a[name] as TextSummary, b[name] as TextSummary))).toEqual(
          whole.columns[name],
        );
      const size = profileOfSummary(mergeSummaries(a['size'] as NumberSummary, b['size'] as NumberSummary));
      const { count, nulls, min, max, zeros } = whole.columns['size'] as ColumnProfile;
      expect(size).toMatchObject({ count, nulls, min, max, zeros });
      near(size.sd as number, whole.columns['size']?.sd as number, 1e-9);
    });
  });
});

test.each([100, 5000, 300_000])('%i different values are estimated within four standard errors', (many) => {
  const log = new HyperLogLog();
  const words = new Int32Array(2);
  const value = new Float64Array(words.buffer);
  for (let i = 0; i < many; i++) {
    value[0] = i * 0.37 - 1000;
    for (let again = 0; again < 2; again++) log.addNumber(words[1] as number, words[0] as number);
  }
  expect(Math.abs(log.distinct() / many - 1)).toBeLessThan(4 * 0.0082);
});
