import { describe, expect, test } from '@jest/globals';
import { evaluateModel } from '../../lambdas/training/evaluation.ts';
import { runGate } from '../../lambdas/training/gate.ts';
import { confidenceLevels, GateRule } from '../../lambdas/training/gate-rule.ts';
import { labelsOf, normals } from '../builders/feature-table.ts';

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
const logit = normals(5, 300, 0, 2);
const labels = labelsOf(6, logit);
const good = logit.map(sigmoid);
const noise = normals(7, 300, 0, 1);
/** A little worse than `good`. */
const worse = logit.map((value, i) => sigmoid(value + noise[i]! / 2));
const coin = new Float64Array(300).fill(0.5);

const aRule = (rule: Record<string, unknown>) => GateRule.parse({ metric: 'brier', against: 'base-rate', ...rule });
const judged = (scores: ArrayLike<number>, rivals: Record<string, ArrayLike<number>>, groups?: string[]) =>
  evaluateModel({ labels, scores, rivals, groups }, { levels: [0.95, 0.8] });

describe('gate', () => {
  test('passes a model that is better with confidence, and keeps the evidence', () => {
    const { passed, checks } = runGate([aRule({ name: 'beats the base rate' })], judged(good, { 'base-rate': coin }));
    expect(passed).toBe(true);
    expect(checks[0]).toMatchObject({ name: 'beats the base rate', passed: true, bound: 0, interval: { level: 0.95 } });
    expect(checks[0]!.observed).toBeGreaterThan(0.05);
    expect(checks[0]!.rule).toMatch(
      /^brier better than base-rate by more than 0, 95 % interval: 0\.\d+ against 0\.2500/,
    );
  });

  test('refuses one that is not better by as much as asked', () => {
    const { passed, checks } = runGate([aRule({ by: 0.2 })], judged(good, { 'base-rate': coin }));
    expect(passed).toBe(false);
    expect(checks[0]).toMatchObject({ name: 'brier against base-rate', passed: false, bound: 0.2 });
  });

  test('refuses one that seems better but may well not be', () => {
    const hardly = good.map((score, i) =>
      score + 0.03 * noise[i]! < 0 || score + 0.03 * noise[i]! > 1 ? score : score + 0.03 * noise[i]!,
    );
    const evaluation = judged(good, { champion: hardly });
    const { observed, interval, passed } = runGate([aRule({ against: 'champion' })], evaluation).checks[0]!;
    expect(observed).toBeGreaterThan(0);
    expect(interval!.low).toBeLessThan(0);
    expect(passed).toBe(false);
  });

  test('an equal model is not better, but no worse than allowed', () => {
    const evaluation = judged(good, { champion: good });
    expect(runGate([aRule({ against: 'champion' })], evaluation).passed).toBe(false);
    expect(runGate([aRule({ against: 'champion', mayBeWorseBy: 0 })], evaluation).passed).toBe(true);
  });

  test('a worse model passes only where the whole interval is within what it may be worse by', () => {
    const evaluation = judged(worse, { champion: good });
    const { observed, interval } = runGate([aRule({ against: 'champion' })], evaluation).checks[0]!;
    expect(observed).toBeLessThan(0);
    const allow = (mayBeWorseBy: number) => runGate([aRule({ against: 'champion', mayBeWorseBy })], evaluation).passed;
    expect([allow(-observed!), allow(-interval!.low + 1e-9)]).toEqual([false, true]);
  });

  test('holds a rule in every group, and one bad group refuses', () => {
    const groups = Array.from(labels, (_, i) => (i < 150 ? 'New York' : 'Seattle'));
    const mixed = good.map((score, i) => (i < 150 ? 1 - score : score));
    const { passed, checks } = runGate([aRule({ everyGroup: true })], judged(mixed, { 'base-rate': coin }, groups));
    expect(passed).toBe(false);
    expect(checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['brier against base-rate in New York', false],
      ['brier against base-rate in Seattle', true],
    ]);
  });

  test('a first version has no champion to beat, but every other rival must be there', () => {
    const evaluation = judged(good, {});
    expect(runGate([aRule({ against: 'champion' })], evaluation)).toMatchObject({
      passed: true,
      checks: [{ observed: null, interval: null, rule: expect.stringContaining('there is no champion yet') }],
    });
    expect(runGate([aRule({ against: 'persistence' })], evaluation).passed).toBe(false);
  });

  test('what could not be computed never passes', () => {
    const oneClass = evaluateModel({ labels: [1, 1], scores: [0.9, 0.9], rivals: { champion: [0.1, 0.1] } });
    const { passed, checks } = runGate([aRule({ metric: 'auc', against: 'champion', mayBeWorseBy: 1 })], oneClass);
    expect(passed).toBe(false);
    expect(checks[0]).toMatchObject({ observed: null, rule: expect.stringContaining('could not be computed') });
    const otherLevel = runGate([aRule({ confidence: 0.9 })], judged(good, { 'base-rate': coin }));
    expect(otherLevel.passed).toBe(false);
  });

  test('no rule is no pass', () => {
    expect(runGate([], judged(good, {}))).toEqual({ passed: false, checks: [] });
  });

  test('a rule says what is wrong with it', () => {
    expect(aRule({})).toEqual({ metric: 'brier', against: 'base-rate', confidence: 0.95, everyGroup: false });
    expect(GateRule.safeParse({ metric: 'accuracy', against: 'champion' }).success).toBe(false);
    expect(GateRule.safeParse({ metric: 'auc', against: 'champion', atLeast: 1 }).success).toBe(false);
    expect(GateRule.safeParse({ metric: 'auc', against: 'champion', by: 0.1, mayBeWorseBy: 0.1 }).success).toBe(false);
    expect(GateRule.safeParse({ metric: 'auc', against: 'champion', by: Number.NaN }).success).toBe(false);
  });

  test('levels are asked for once each', () => {
    expect(confidenceLevels([aRule({}), aRule({ confidence: 0.8 }), aRule({ by: 0.1 })])).toEqual([0.95, 0.8]);
  });
});
