import { describe, expect, test } from '@jest/globals';
import { baseRate, constantScores, evaluateModel } from '../../lambdas/training/evaluation.ts';
import { runGate } from '../../lambdas/training/gate.ts';
import { GateRule } from '../../lambdas/training/gate-rule.ts';
import { fitLogisticRegression, predictProbability } from '../../lambdas/training/logistic-regression.ts';
import { joinDays, type WeatherDays, weatherDays } from '../builders/weather.ts';

/** The model `rain` on the real data: will it rain tomorrow? Four raw columns, 2012 to 2014, judged on 2015. */
const seattle = weatherDays('Seattle', 2012, 2014);
const seattle2015 = weatherDays('Seattle', 2015, 2015);
const newYork2015 = weatherDays('New York', 2015, 2015);
const bothCities = joinDays(seattle, weatherDays('New York', 2012, 2014));

const train = (days: WeatherDays) => fitLogisticRegression(days.table, days.labels).model;
const champion = train(seattle);
const challenger = train(bothCities);

describe('rain tomorrow', () => {
  const judged = evaluateModel({
    labels: seattle2015.labels,
    scores: predictProbability(champion, seattle2015.table.columns),
    rivals: {
      'base-rate': constantScores(baseRate(seattle.labels), seattle2015.labels.length),
      persistence: seattle2015.rainedToday,
    },
  });

  test('is foretold better than by the base rate and than as today', () => {
    expect(judged.rows).toBe(364);
    expect(judged.metrics.auc).toBeCloseTo(0.772, 3);
    expect(judged.metrics.brier).toBeCloseTo(0.188, 3);
    expect(judged.rivals['base-rate']!.metrics.brier).toBeCloseTo(0.241, 3);
    expect(judged.rivals.persistence!.metrics.brier).toBeCloseTo(0.297, 3);
    expect(judged.rivals.persistence!.metrics.auc).toBeCloseTo(0.69, 3);
  });

  test('passes its gate with confidence', () => {
    const rules = [
      { metric: 'brier', against: 'base-rate' },
      { metric: 'brier', against: 'persistence' },
      { metric: 'auc', against: 'persistence' },
      { metric: 'brier', against: 'champion', mayBeWorseBy: 0.01, everyGroup: true },
    ].map((rule) => GateRule.parse(rule));
    expect(runGate(rules, judged).checks.map(({ passed }) => passed)).toEqual([true, true, true, true]);
  });

  test('a challenger from both cities helps New York and leaves Seattle as it is', () => {
    const days = joinDays(newYork2015, seattle2015);
    const groups = Array.from(days.labels, (_, i) => (i < newYork2015.labels.length ? 'New York' : 'Seattle'));
    const contest = evaluateModel({
      labels: days.labels,
      scores: predictProbability(challenger, days.table.columns),
      rivals: { champion: predictProbability(champion, days.table.columns) },
      groups,
    });
    expect(contest.groups!['New York']!.metrics.brier).toBeCloseTo(0.2055, 3);
    expect(contest.groups!['New York']!.rivals.champion!.metrics.brier).toBeCloseTo(0.2192, 3);
    expect(contest.groups!.Seattle!.metrics.brier).toBeCloseTo(0.189, 3);
    const better = GateRule.parse({ metric: 'brier', against: 'champion' });
    const nowhereWorse = GateRule.parse({ metric: 'brier', against: 'champion', mayBeWorseBy: 0.01, everyGroup: true });
    expect(runGate([better, nowhereWorse], contest).passed).toBe(true);
  });
});
