import { describe, expect, test } from '@jest/globals';
import { baseRate, constantScores, evaluateModel } from '../../lambdas/training/evaluation.ts';
import { labelsOf, normals } from '../builders/feature-table.ts';

const logit = normals(1, 400, 0, 2);
const labels = labelsOf(2, logit);
const scores = logit.map((value) => 1 / (1 + Math.exp(-value)));
const rival = constantScores(baseRate(labels), labels.length);

describe('evaluation', () => {
  test('a model that knows is better than the base rate, and the interval says how surely', () => {
    const { rivals, metrics } = evaluateModel({ labels, scores, rivals: { 'base-rate': rival } });
    const { brier, auc } = rivals['base-rate']!.improvements;
    expect(brier.value).toBeCloseTo(rivals['base-rate']!.metrics.brier! - metrics.brier!, 12);
    expect(auc.value).toBeCloseTo(metrics.auc! - 0.5, 12);
    for (const { intervals, value } of [brier, auc]) {
      expect(intervals[0]!.low).toBeGreaterThan(0);
      expect(intervals[0]!.low).toBeLessThan(value!);
      expect(intervals[0]!.high).toBeGreaterThan(value!);
    }
  });

  test('the interval of the Brier difference has the width that the theory of means gives', () => {
    const losses = scores.map((score, i) => (rival[i]! - labels[i]!) ** 2 - (score - labels[i]!) ** 2);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const deviation = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / losses.length);
    const { rivals } = evaluateModel({ labels, scores, rivals: { rival } }, { resamples: 4000, levels: [0.95, 0.5] });
    const [wide, half] = rivals.rival!.improvements.brier.intervals;
    const error = deviation / Math.sqrt(losses.length);
    expect((wide!.high - wide!.low) / (2 * 1.96 * error)).toBeCloseTo(1, 1);
    expect((half!.high - half!.low) / (2 * 0.674 * error)).toBeCloseTo(1, 1);
  });

  test('a model against itself improves nothing, with certainty', () => {
    const { rivals } = evaluateModel({ labels, scores, rivals: { twin: scores } });
    expect(rivals.twin!.improvements.auc).toEqual({ value: 0, intervals: [{ level: 0.95, low: 0, high: 0 }] });
  });

  test('the same seed gives the same numbers, another seed others', () => {
    const once = (seed: number) => evaluateModel({ labels, scores, rivals: { rival } }, { seed });
    expect(once(1)).toEqual(once(1));
    expect(once(1).rivals.rival!.improvements.brier).not.toEqual(once(2).rivals.rival!.improvements.brier);
  });

  test('judges each group by its own rows', () => {
    const groups = Array.from(labels, (_, i) => (i % 4 === 0 ? 'b' : 'a'));
    const evaluation = evaluateModel({ labels, scores, rivals: { rival }, groups });
    const own = <T>(_: T, i: number) => i % 4 === 0;
    const alone = evaluateModel({
      labels: labels.filter(own),
      scores: scores.filter(own),
      rivals: { rival: rival.filter(own) },
    });
    expect(Object.keys(evaluation.groups!)).toEqual(['a', 'b']);
    expect(evaluation.groups!.b).toEqual(alone);
  });

  test('has no AUC and no interval for it where only one class is left', () => {
    const { metrics, rivals } = evaluateModel({ labels: [1, 1], scores: [0.4, 0.6], rivals: { rival: [0.5, 0.5] } });
    expect(metrics.auc).toBeUndefined();
    expect(rivals.rival!.improvements.auc).toEqual({ intervals: [] });
    expect(rivals.rival!.improvements.brier.intervals).toHaveLength(1);
  });

  test('is plain JSON', () => {
    const evaluation = evaluateModel({ labels, scores, rivals: { rival } });
    expect(JSON.parse(JSON.stringify(evaluation))).toEqual(evaluation);
  });

  test.each([
    ['labels, row 1: got 0.5', { labels: [0, 0.5], scores: [0, 1], rivals: {} }],
    ['labels: got 0, expected at least 1', { labels: [], scores: [], rivals: {} }],
    ['scores of model, row 0: got NaN', { labels: [0, 1], scores: [Number.NaN, 1], rivals: {} }],
    ['scores of champion, row 1: got 1.5', { labels: [0, 1], scores: [0, 1], rivals: { champion: [0, 1.5] } }],
    ['scores of champion: got 1, expected 2', { labels: [0, 1], scores: [0, 1], rivals: { champion: [0] } }],
    ['groups: got 1, expected 2', { labels: [0, 1], scores: [0, 1], rivals: {}, groups: ['a'] }],
  ])('refuses %s', (text, contest) => {
    expect(() => evaluateModel(contest)).toThrow(
      expect.objectContaining({ name: 'EvaluationInputInvalid', message: expect.stringContaining(text) }),
    );
  });
});
