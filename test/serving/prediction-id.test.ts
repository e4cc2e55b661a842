import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePredictionId, predictionIds } from '../../lambdas/serving/prediction-id.ts';

const anEndpoint = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/);
const aVersion = fc.integer({ min: 1, max: 2 ** 31 }).map(String);
/** Ten characters of which the first holds three bits: until the year 10889. */
const aTime = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe('a prediction’s id', () => {
  test('says where, by what and when', () => {
    fc.assert(
      fc.property(anEndpoint, aVersion, aTime, (endpoint, functionVersion, at) => {
        const id = predictionIds(endpoint, functionVersion)(at);
        expect(parsePredictionId(id)).toEqual({ endpoint, functionVersion, at: new Date(at).toISOString() });
      }),
    );
  });

  test('sorts by time', () => {
    fc.assert(
      fc.property(aTime, aTime, (one, other) => {
        const next = predictionIds('rain', '3');
        fc.pre(one < other);
        expect(next(one) < next(other)).toBe(true);
      }),
    );
  });

  test('is another one each time', () => {
    const next = predictionIds('rain', '3');
    expect(new Set(Array.from({ length: 5000 }, () => next(7))).size).toBe(5000);
  });

  test('is nothing else', () => {
    fc.assert(fc.property(fc.string({ maxLength: 80 }), (text) => expect(parsePredictionId(text)).toBeUndefined()));
    for (const text of ['', '0'.repeat(26), `${'7'.padEnd(26, 'z')}-0-rain`, `${'z'.repeat(26)}-1-rain`]) {
      expect(parsePredictionId(text)).toBeUndefined();
    }
  });
});
