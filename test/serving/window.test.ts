import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { latencyBucket, latencyQuantile } from '../../lambdas/serving/latency.ts';
import type { PredictionLine } from '../../lambdas/serving/request-line.ts';
import { emptyWindow, mergeAllWindows, mergeWindows } from '../../lambdas/serving/window.ts';
import { windowOfLine } from '../../lambdas/serving/window-of-line.ts';

const bins = fc.array(fc.tuple(fc.integer({ min: 0, max: 22 }), fc.integer({ min: 1, max: 50 })), { maxLength: 5 });
const names = fc.constantFrom('wind', 'temp_max', '__proto__', 'constructor', 'toString');
const aLine: fc.Arbitrary<PredictionLine> = fc.record({
  workspace: fc.constant('default'),
  endpoint: fc.constant('rain'),
  functionVersion: fc.constant('3'),
  at: fc.integer({ min: 0, max: 2 ** 41 }),
  status: fc.constantFrom(200, 400, 413, 500, 503),
  ms: fc.double({ min: 0, max: 30_000, noNaN: true }),
  rows: fc.integer({ min: 0, max: 1000 }),
  nan: fc.integer({ min: 0, max: 3 }),
  features: fc.uniqueArray(fc.tuple(names, bins), { selector: ([name]) => name }).map((pairs) => {
    return Object.fromEntries(pairs.map(([name, counts]) => [name, counts.flat()]));
  }),
  outputs: bins.map((counts) => counts.flat()),
  answers: fc.dictionary(fc.constantFrom('p0', 'p9', '+3', '-1', 'none'), fc.integer({ min: 1, max: 99 })),
});
const aWindow = fc.array(aLine, { maxLength: 4 }).map((lines) => mergeAllWindows(lines.map(windowOfLine)));

describe('windows', () => {
  test('merge in any grouping', () => {
    fc.assert(
      fc.property(aWindow, aWindow, aWindow, (a, b, c) => {
        expect(mergeWindows(mergeWindows(a, b), c)).toEqual(mergeWindows(a, mergeWindows(b, c)));
      }),
    );
  });

  test('merge in any order', () => {
    fc.assert(fc.property(aWindow, aWindow, (a, b) => expect(mergeWindows(a, b)).toEqual(mergeWindows(b, a))));
  });

  test('do not change by merging the empty one', () => {
    fc.assert(fc.property(aWindow, (a) => expect(mergeWindows(a, emptyWindow())).toEqual(a)));
  });

  test('of parts are the window of the whole, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(aLine, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (lines, size) => {
        const windows = lines.map(windowOfLine);
        const parts = [];
        for (let i = 0; i < windows.length; i += size) parts.push(mergeAllWindows(windows.slice(i, i + size)));
        expect(mergeAllWindows(parts)).toEqual(mergeAllWindows(windows));
        expect(mergeAllWindows(windows).requests).toBe(lines.length);
      }),
    );
  });

  test('count no rows for a request that was refused, and its rows where the model had no finite answer', () => {
    const line = {
      workspace: 'w',
      endpoint: 'e',
      functionVersion: '1',
      at: 0,
      ms: 1,
      features: {},
      outputs: [],
      answers: {},
    };
    expect(windowOfLine({ ...line, status: 400, rows: 9, nan: 0 })).toMatchObject({
      rows: 0,
      errors4xx: 1,
      errors5xx: 0,
    });
    expect(windowOfLine({ ...line, status: 400, rows: 9, nan: 2 })).toMatchObject({ rows: 9, nan: 2 });
    expect(windowOfLine({ ...line, status: 503, rows: 0, nan: 0 })).toMatchObject({ errors5xx: 1 });
  });
});

describe('latencies', () => {
  test('keep every quantile to within 4.5 %', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.002, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.5, 0.9, 0.99, 1),
        (all, q) => {
          const counts: Record<string, number> = {};
          for (const ms of all) counts[latencyBucket(ms)] = (counts[latencyBucket(ms)] ?? 0) + 1;
          const exact = all.toSorted((a, b) => a - b)[Math.ceil(q * all.length) - 1] as number;
          const ratio = (latencyQuantile(counts, q) as number) / exact;
          expect(Math.abs(Math.log2(ratio))).toBeLessThanOrEqual(1 / 16 + 1e-9);
        },
      ),
    );
  });

  test('of nothing have no quantile', () => {
    expect(latencyQuantile({}, 0.99)).toBeUndefined();
  });

  test.each([0, -1, Number.NaN, 1e-9])('of %p ms fall into the lowest bucket', (ms) => {
    expect(latencyBucket(ms)).toBe(0);
  });
});
