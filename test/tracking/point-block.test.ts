import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { byStep, byTime, type Point, packPoints, unpackPoints } from '../../lambdas/tracking/point-block.ts';

const int64 = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((whole) => {
    const isSafe = whole >= Number.MIN_SAFE_INTEGER && whole <= Number.MAX_SAFE_INTEGER;
    return isSafe ? Number(whole) : whole;
  }),
);
const point: fc.Arbitrary<Point> = fc.record(
  {
    key: fc.oneof(
      fc.constantFrom('loss', 'auc', '__proto__', 'a/b c'),
      fc.string({ unit: 'grapheme', maxLength: 250 }),
    ),
    value: fc.double({ noDefaultInfinity: true }),
    timestamp: int64,
    step: int64,
    modelId: fc.string(),
    datasetName: fc.string(),
    datasetDigest: fc.string(),
  },
  { requiredKeys: ['key', 'value', 'timestamp', 'step'] },
);

describe('packed points', () => {
  test('come out as they went in, whatever 64 bits and names they have', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 60 }), (points) => {
        // -0 and 0 are one value to JSON, and two to a double.
        expect(unpackPoints(packPoints(points))).toEqual(points);
      }),
    );
  });

  test('are read from anywhere in a buffer', () => {
    const block = packPoints([{ key: 'a', value: 1.5, timestamp: 1, step: -1 }]);
    const shifted = new Uint8Array(block.points.length + 3);
    shifted.set(block.points, 3);
    expect(unpackPoints({ ...block, points: shifted.subarray(3) })).toEqual([
      { key: 'a', value: 1.5, timestamp: 1, step: -1 },
    ]);
  });

  test('are in one order by step and in one by time, for every two of them', () => {
    fc.assert(
      fc.property(point, point, point, (a, b, c) => {
        for (const order of [byStep, byTime]) {
          expect(Math.sign(order(a, b))).toBe(-Math.sign(order(b, a)) + 0);
          if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });
});
