import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  cohenKappa,
  fleissKappa,
  intervalAlpha,
  type Labelling,
  nominalAlpha,
  shareOfAgreeingPairs,
} from '../../lambdas/data/agreement-statistics.ts';

/** Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C: four observers, twelve units. */
const KRIPPENDORFF = [
  '1 2 3 3 2 1 4 1 2 . . .',
  '1 2 3 3 2 2 4 1 2 5 . 3',
  '. 3 3 3 2 3 4 2 2 5 1 .',
  '1 2 3 3 2 4 4 1 2 5 1 .',
].map((line) => line.split(' '));
const units = Array.from({ length: 12 }, (_, i) =>
  KRIPPENDORFF.map((observer) => observer[i] as string).filter((label) => label !== '.'),
);

/** The worked example of Wikipedia's "Fleiss' kappa": ten subjects, fourteen raters, five categories. */
const FLEISS = [
  [0, 0, 0, 0, 14],
  [0, 2, 6, 4, 2],
  [0, 0, 3, 5, 6],
  [0, 3, 9, 2, 0],
  [2, 2, 8, 1, 1],
  [7, 7, 0, 0, 0],
  [3, 2, 6, 3, 0],
  [2, 5, 3, 2, 2],
  [6, 5, 2, 1, 0],
  [0, 2, 2, 3, 7],
].map((counts) => counts.flatMap((n, label) => Array<string>(n).fill(String(label))));

const times = <Value>(n: number, value: Value) => Array<Value>(n).fill(value);
/** That of "Cohen's kappa": fifty proposals, two readers. */
const COHEN = [
  ...times(20, ['yes', 'yes'] as const),
  ...times(5, ['yes', 'no'] as const),
  ...times(10, ['no', 'yes'] as const),
  ...times(15, ['no', 'no'] as const),
];

describe('published examples', () => {
  test("Krippendorff's alpha is 0.743 for names and 0.849 for distances", () => {
    expect(nominalAlpha(units)).toBeCloseTo(0.743, 3);
    expect(intervalAlpha(units.map((unit) => unit.map(Number)))).toBeCloseTo(0.849, 3);
  });

  test("Fleiss' kappa is 0.210, and Cohen's 0.4", () => {
    expect(fleissKappa(FLEISS)).toBeCloseTo(0.21, 3);
    expect(cohenKappa(COHEN)).toBeCloseTo(0.4, 12);
  });
});

/** By the definition, pair by pair: slow, and without any algebra. */
function alphaByPairs<Value>(items: readonly (readonly Value[])[], distance: (a: Value, b: Value) => number) {
  const paired = items.filter(({ length }) => length > 1);
  const all = paired.flat();
  const sum = (list: readonly Value[]) =>
    list.reduce((total, a, i) => total + list.reduce((part, b, j) => (i === j ? part : part + distance(a, b)), 0), 0);
  const observed = paired.reduce((total, list) => total + sum(list) / (list.length - 1), 0) / all.length;
  const expected = sum(all) / (all.length * (all.length - 1));
  return expected === 0 || all.length === 0 ? undefined : 1 - observed / expected;
}
const close = (got: number | undefined, wanted: number | undefined) =>
  wanted === undefined ? expect(got).toBeUndefined() : expect(got).toBeCloseTo(wanted, 9);

describe('any labels', () => {
  const item = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 });
  const items = fc.array(item, { maxLength: 12 });

  test('have the alpha of their definition, by name and by distance', () => {
    fc.assert(
      fc.property(items, (given) =>
        close(
          nominalAlpha(given),
          alphaByPairs(given, (a, b) => (a === b ? 0 : 1)),
        ),
      ),
    );
    const numbers = fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 5 }), { maxLength: 9 });
    fc.assert(
      fc.property(numbers, (given) =>
        close(
          intervalAlpha(given),
          alphaByPairs(given, (a, b) => (a - b) ** 2),
        ),
      ),
    );
  });

  test('have the kappa of their definition, for two labellers and for many', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('a', 'b', 'd'))), (pairs) => {
        const n = pairs.length;
        const share = (label: string, who: 0 | 1) => pairs.filter((pair) => pair[who] === label).length / n;
        const chance = ['a', 'b', 'c', 'd'].reduce((sum, label) => sum + share(label, 0) * share(label, 1), 0);
        const equal = pairs.filter(([one, other]) => one === other).length / n;
        close(cohenKappa(pairs), n === 0 || chance === 1 ? undefined : (equal - chance) / (1 - chance));
      }),
    );
    const even = fc.array(fc.array(fc.constantFrom('a', 'b'), { minLength: 3, maxLength: 3 }), { minLength: 1 });
    fc.assert(
      fc.property(even, (given) => {
        const a = given.flat().filter((label) => label === 'a').length / (3 * given.length);
        const chance = a ** 2 + (1 - a) ** 2;
        const equal = given.filter((labels) => new Set(labels).size === 1).length / given.length;
        const pairs = equal + (1 - equal) / 3;
        close(fleissKappa(given), chance === 1 ? undefined : (pairs - chance) / (1 - chance));
      }),
    );
  });

  test('do not depend on the order of items, of labellers, or on what labels are called', () => {
    fc.assert(
      fc.property(items, (given) => {
        const other: Labelling[] = given.map((labels) => labels.map((label) => `${label}!`).reverse()).reverse();
        expect(shareOfAgreeingPairs(other)).toBe(shareOfAgreeingPairs(given));
        close(nominalAlpha(other), nominalAlpha(given));
      }),
    );
  });
});

describe('no number', () => {
  test('is made up where there is nothing to compare, or chance explains all', () => {
    expect([shareOfAgreeingPairs([['a'], []]), nominalAlpha([['a']]), fleissKappa([['a']])]).toEqual(
      times(3, undefined),
    );
    expect([cohenKappa([]), cohenKappa([['a', 'a']]), nominalAlpha([['a', 'a']])]).toEqual(times(3, undefined));
    expect([fleissKappa([['a', 'a']]), fleissKappa([['a', 'b'], ['a']]), intervalAlpha([[2, 2]])]).toEqual(
      times(3, undefined),
    );
  });
});
