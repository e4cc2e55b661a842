import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { calibrate, calibrationError, measureMetric, weightedMetric } from '../../lambdas/training/metrics.ts';

const labels = [0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1];
const scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.2, 0.9, 0.6, 0.6, 0.05, 0.55];

/** Labels and scores with many ties. */
const predictions = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 })), {
    minLength: 1,
    maxLength: 60,
  })
  .map((rows) => ({
    labels: rows.map(([label]) => label),
    scores: rows.map(([, score]) => score / 9),
    weights: rows.map(([, , weight]) => weight),
  }));

describe('metrics', () => {
  // scikit-learn 1.9.1: roc_auc_score, brier_score_loss, log_loss.
  test.each([
    ['auc', 0.8194444444444444],
    ['brier', 0.160625],
    ['logLoss', 0.47675157405268354],
  ] as const)('%s equals scikit-learn', (metric, expected) => {
    expect(measureMetric(metric, { labels, scores })).toBeCloseTo(expected, 14);
  });

  test('the AUC is the share of pairs in the right order, ties counted half', () => {
    fc.assert(
      fc.property(predictions, ({ labels, scores }) => {
        let pairs = 0;
        let right = 0;
        for (const [i, a] of labels.entries()) {
          for (const [j, b] of labels.entries()) {
            if (a !== 1 || b !== 0) continue;
            pairs++;
            right += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
          }
        }
        const auc = measureMetric('auc', { labels, scores });
        if (pairs === 0) expect(auc).toBeUndefined();
        else expect(auc).toBeCloseTo(right / pairs, 12);
      }),
    );
  });

  test('a weight is as good as that many rows', () => {
    fc.assert(
      fc.property(
        predictions,
        fc.constantFrom('auc' as const, 'brier' as const, 'logLoss' as const),
        (rows, metric) => {
          const repeated = rows.weights.flatMap((weight, i) => new Array<number>(weight).fill(i));
          const expected = measureMetric(metric, {
            labels: repeated.map((i) => rows.labels[i]!),
            scores: repeated.map((i) => rows.scores[i]!),
          });
          const got = weightedMetric(metric, rows)(rows.weights);
          if (expected === undefined) expect(got).toBeUndefined();
          else expect(got).toBeCloseTo(expected, 10);
        },
      ),
    );
  });

  test('a NaN among the scores leaves no number', () => {
    for (const metric of ['auc', 'brier', 'logLoss'] as const) {
      expect(measureMetric(metric, { labels: [0, 1], scores: [0.2, Number.NaN] })).toBeUndefined();
    }
  });

  test('a sure mistake costs much, not infinitely much', () => {
    expect(measureMetric('logLoss', { labels: [1, 0], scores: [0, 1] })).toBeCloseTo(36.04, 2);
  });
});

describe('calibration', () => {
  test('is perfect where what was said is what happened', () => {
    const bins = calibrate({ labels: [0, 1, 1, 1], scores: [0.75, 0.75, 0.75, 0.75] });
    expect(bins).toEqual([{ from: 0.7, to: 0.8, rows: 4, predicted: 0.75, observed: 0.75 }]);
    expect(calibrationError(bins)).toBe(0);
  });

  test('weighs each interval by its rows', () => {
    const bins = calibrate({ labels: [0, 0, 0, 1], scores: [0.1, 0.1, 0.1, 1] });
    expect(bins.map(({ rows }) => rows)).toEqual([3, 1]);
    expect(calibrationError(bins)).toBeCloseTo(0.075, 12);
  });
});
