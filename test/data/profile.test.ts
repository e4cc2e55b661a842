import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { columnBlock } from '../../lambdas/data/column-block.ts';
import { profileNumberColumns, profileNumbers } from '../../lambdas/data/number-profile.ts';
import { ColumnProfile } from '../../lambdas/data/profile.ts';
import { seededRandom } from '../fakes/faulty.ts';

const profileOf = (...values: number[]) => profileNumbers(Float64Array.from(values));

/** Columns of rows that may lack values, in blocks of a few rows, and with room for a few gathered values only. */
async function profileRows(rows: readonly (readonly (number | null)[])[], gathered: number, blockRows = 7) {
  const names = (rows[0] ?? []).map((_, i) => `c${i}`);
  const columns = names.map((name) => ({ name, type: 'double' as const, correlates: true }));
  return profileNumberColumns(
    columns,
    async (visit) => {
      for (let from = 0; from < rows.length; from += blockRows) {
        const part = rows.slice(from, from + blockRows);
        const blocks = names.map((_, j) => {
          const valid = new Uint8Array(Math.ceil(part.length / 8));
          for (const [i, row] of part.entries())
            if (row[j] !== null) valid[i >> 3] = (valid[i >> 3] ?? 0) | (1 << (i & 7));
          return columnBlock(
            Float64Array.from(part, (row) => row[j] ?? 99),
            part.length,
            valid,
          );
        });
        visit({ rows: part.length, columns: blocks });
      }
    },
    gathered,
  );
}

const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const numbers = fc.array(fc.oneof(double, fc.integer({ min: -3, max: 3 })), { minLength: 1, maxLength: 400 });

describe('the profile of numbers', () => {
  test('has the quantiles of type 7', async () => {
    const { quantiles, min, max, mean, sd } = await profileOf(4, 1, 3, 2);
    expect({ min, max, mean, sd }).toEqual({ min: 1, max: 4, mean: 2.5, sd: Math.sqrt(5 / 3) });
    expect(quantiles).toMatchObject({ p25: 1.75, p50: 2.5, p75: 3.25 });
  });

  test('of one has no spread, of none nothing', async () => {
    expect(await profileOf(7)).toMatchObject({ min: 7, max: 7, mean: 7, quantiles: { p01: 7, p99: 7 } });
    expect(await profileOf(7)).not.toHaveProperty('sd');
    expect(await profileOf()).toEqual({ count: 0, nulls: 0 });
  });

  test('does not depend on the order of rows, and is always JSON of its schema', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, async (values) => {
        const profile = await profileOf(...values);
        const { mean = 0, sd = 0, skewness: _, ...rest } = await profileOf(...values.toReversed());
        expect(profile).toMatchObject(rest);
        // Where large terms cancel, what is left has fewer exact digits than a sum of 106 bits.
        const largest = Math.max(...values.map(Math.abs));
        expect(Math.abs(mean / largest - (profile.mean ?? 0) / largest) || 0).toBeLessThan(1e-25);
        expect(Math.abs(sd / largest - (profile.sd ?? 0) / largest) || 0).toBeLessThan(1e-15);
        expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
        ColumnProfile.parse({ type: 'double', ...profile });
      }),
    );
  });

  test('keeps quantiles between the smallest and the largest, in order', async () => {
    const whole = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(whole, async (values) => {
        const { min, max, quantiles } = await profileOf(...values);
        const row = [min as number, ...Object.values(quantiles ?? {}), max as number];
        for (const [i, value] of row.slice(1).entries())
          expect(value).toBeGreaterThanOrEqual((row[i] as number) - 1e-9);
      }),
    );
  });

  test.each([1_000_000, 3])('has the very quantiles of the sorted column (room for %i values)', async (gathered) => {
    await fc.assert(
      fc.asyncProperty(numbers, async (values) => {
        const { profiles } = await profileRows(
          values.map((value) => [value]),
          gathered,
        );
        const sorted = Float64Array.from(values).sort();
        const at = (p: number) => {
          const place = (sorted.length - 1) * p;
          const [low, high] = [sorted[Math.floor(place)], sorted[Math.min(Math.floor(place) + 1, sorted.length - 1)]];
          const share = place % 1;
          return share === 0 ? low : (low as number) * (1 - share) + (high as number) * share;
        };
        for (const [name, p] of [
          ['p01', 0.01],
          ['p25', 0.25],
          ['p50', 0.5],
          ['p95', 0.95],
        ] as const)
          expect((profiles[0]?.quantiles?.[name] as number) + 0).toBe((at(p) as number) + 0);
      }),
      { numRuns: 25 },
    );
  });

  test('counts each value once in its picture, and zeros and negatives', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, async (values) => {
        const { histogram, zeros, negatives } = await profileOf(...values);
        if (histogram?.kind !== 'number') throw new Error('expected a histogram of numbers');
        const { counts, below, above } = histogram;
        expect(counts.reduce((sum, n) => sum + n, below + above)).toBe(values.length);
        expect(zeros).toBe(values.filter((value) => value === 0).length);
        expect(negatives).toBe(values.filter((value) => value < 0).length);
      }),
    );
  });

  test('a far outlier does not make the picture one bar; it is counted outside of it', async () => {
    const { histogram } = await profileOf(...Array.from({ length: 999 }, (_, i) => i / 100), 1e9);
    if (histogram?.kind !== 'number') throw new Error('expected a histogram of numbers');
    expect(histogram.above).toBe(1);
    expect(Math.max(...histogram.counts)).toBeLessThan(200);
  });

  test('infinite values and none at all are left out and said', async () => {
    const profile = await profileOf(1, Number.NaN, 3, Number.POSITIVE_INFINITY);
    expect(profile).toMatchObject({ count: 2, nulls: 0, nonFinite: 2, min: 1, max: 3, mean: 2 });
  });
});

describe('correlations', () => {
  test('are of the rows where both columns have a value', async () => {
    const value = fc.option(fc.double({ noNaN: true, min: -1e3, max: 1e3 }), { freq: 4 });
    const rows = fc.array(fc.tuple(value, value, value), { minLength: 3, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(rows, async (list) => {
        const { correlations, profiles } = await profileRows(list, 100);
        expect(profiles[0]?.nulls).toBe(list.filter(([first]) => first === null).length);
        for (const [i, j] of [
          [1, 0],
          [2, 0],
          [2, 1],
        ] as const) {
          const pairs = list.filter((row) => row[i] !== null && row[j] !== null) as [number, number, number][];
          const found = correlations?.rows[i - 1]?.[j];
          const expected = pearson(
            pairs.map((row) => row[i]),
            pairs.map((row) => row[j]),
          );
          if (found === null || expected === undefined) continue;
          expect(found).toBeCloseTo(expected, 6);
        }
      }),
    );
  });

  test('of what does not vary are null, and of a copy one', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => [i / 3, 4.7, -i / 3]);
    const { correlations } = await profileRows(rows, 100);
    expect(correlations?.rows).toEqual([[null], [-1, null]]);
  });
});

function pearson(a: readonly number[], b: readonly number[]): number | undefined {
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const [x, y] = [mean(a), mean(b)];
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [(a[i] as number) - x, (b[i] as number) - y];
    xx += p * p;
    yy += q * q;
    xy += p * q;
  }
  return xx < 1e-6 || yy < 1e-6 ? undefined : xy / Math.sqrt(xx * yy);
}

test('many pairs of many rows are correlated by blocks of them, and the profile says so', async () => {
  const rows = 2048 * 40;
  const columns = Array.from({ length: 40 }, (_, j) => ({ name: `c${j}`, type: 'double' as const, correlates: true }));
  const random = seededRandom(7);
  const blocks = Array.from({ length: 40 }, () => {
    const base = Float64Array.from({ length: 2048 }, random);
    return {
      rows: 2048,
      columns: columns.map((_, j) =>
        columnBlock(
          base.map((x) => x * (j + 1) + (j % 2 ? random() : 0)),
          2048,
          undefined,
        ),
      ),
    };
  });
  const { correlations } = await profileNumberColumns(columns, async (visit) => blocks.forEach(visit));
  expect(correlations?.every).toBe(Math.ceil((rows * 40 * 39) / 2 / 25_000_000));
  // c0 and c2 are the same up to a factor.
  expect(correlations?.rows[1]?.[0]).toBe(1);
});
