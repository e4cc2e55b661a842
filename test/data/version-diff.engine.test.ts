import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { profileNumbers } from '../../lambdas/data/number-profile.ts';
import type { ColumnProfile } from '../../lambdas/data/profile.ts';
import { distanceOf } from '../../lambdas/data/profile-distance.ts';
import { diffVersions, wordFor } from '../../lambdas/data/version-diff.ts';
import { weatherCsv, weatherSpec } from '../builders/dataset.ts';
import { profiledVersion } from '../builders/profiled-version.ts';

const columnOf = async (...values: number[]): Promise<ColumnProfile> => ({
  type: 'double',
  ...(await profileNumbers(Float64Array.from(values))),
});
const textsOf = (counts: Record<string, number>, others = 0): ColumnProfile => ({
  type: 'string',
  count: Object.values(counts).reduce((sum, n) => sum + n, others),
  nulls: 0,
  top: Object.entries(counts).map(([value, count]) => ({ value, count })),
});

describe('the distance of two columns', () => {
  const numbers = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 80 });

  test('is nothing from a column to itself, and the same both ways', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, numbers, async (a, b) => {
        const [one, two] = [await columnOf(...a), await columnOf(...b)];
        expect(distanceOf(one, one)).toEqual({ distance: 0, psi: 0 });
        expect(distanceOf(one, two)?.distance).toBe(distanceOf(two, one)?.distance);
        expect(distanceOf(one, two)?.distance).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('is one between columns that share nothing, be it one value each', async () => {
    expect(distanceOf(await columnOf(1, 2, 3), await columnOf(10, 11))?.distance).toBe(1);
    expect(distanceOf(await columnOf(5, 5), await columnOf(6))?.distance).toBe(1);
  });

  test('is near that of Kolmogorov and Smirnov on the values themselves', async () => {
    const even = Array.from({ length: 1000 }, (_, i) => i / 1000);
    const found = distanceOf(await columnOf(...even), await columnOf(...even.map((x) => x + 0.2)));
    expect(found?.distance).toBeCloseTo(0.2, 2);
  });

  test('of texts is the share that has another value', () => {
    expect(distanceOf(textsOf({ a: 50, b: 50 }), textsOf({ a: 25, b: 75 }))?.distance).toBe(0.25);
    expect(distanceOf(textsOf({ a: 50 }, 50), textsOf({ b: 50 }, 50))?.distance).toBe(0.5);
  });

  test('is unknown where there is nothing to compare', async () => {
    expect(distanceOf(await columnOf(), await columnOf(1))).toBeUndefined();
    expect(distanceOf(textsOf({ a: 1 }), await columnOf(1))).toBeUndefined();
  });

  test.each([
    [undefined, 'unknown'],
    [0, 'equal'],
    [0.049, 'about the same'],
    [0.05, 'slightly shifted'],
    [0.1, 'shifted'],
    [0.25, 'very different'],
  ])('%s reads as %s', (distance, word) => {
    expect(wordFor(distance)).toBe(word);
  });
});

describe('the difference of two versions', () => {
  test('names files, columns and distributions that are not what they were', async () => {
    const spec = weatherSpec();
    const before = await profiledVersion(spec, weatherCsv({ location: 'Seattle' }));
    const { wind: _, ...columns } = spec.columns;
    const changed = { ...spec, columns: { ...columns, location: { type: 'string', role: 'feature' } as const } };
    const after = await profiledVersion(changed, weatherCsv(), { number: 2, parent: before });
    const diff = diffVersions(before, after);
    expect(diff).toMatchObject({ before: { number: 1, rows: 1461 }, after: { number: 2, rows: 2922 } });
    expect(diff.files).toMatchObject({ added: [{ rows: 2922 }], removed: [{ rows: 1461 }], kept: 0 });
    expect(diff.schema).toContainEqual({ column: 'wind', change: 'removed', before: 'double' });
    expect(diff.schema).toContainEqual({
      column: 'location',
      change: 'changed',
      field: 'role',
      before: 'group',
      after: 'feature',
    });
    expect(diff.columns[0]).toMatchObject({ column: 'location', distance: 0.5, shift: 'very different' });
    expect(diff.columns.at(-1)).toMatchObject({ column: 'date', shift: 'equal', missing: { before: 0, after: 0 } });
  });

  test('is nothing from a version to itself', async () => {
    const version = await profiledVersion(weatherSpec(), weatherCsv());
    const { files, schema, columns } = diffVersions(version, version);
    expect([files.added, files.removed, schema]).toEqual([[], [], []]);
    for (const { shift, figures } of columns) expect([shift, figures]).toEqual(['equal', []]);
  });
});
