import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { answerBin } from '../../lambdas/serving/answer-bin.ts';
import {
  firstLookSeconds,
  judge,
  nextLookSeconds,
  outputShift,
  type StepEvidence,
} from '../../lambdas/serving/judge.ts';
import { latencyBucket } from '../../lambdas/serving/latency.ts';
import { DEFAULT_SETTINGS } from '../../lambdas/serving/rollout-settings.ts';
import { emptyWindow, type WindowStats } from '../../lambdas/serving/window.ts';

/** What a version did in a calm step of 900 (live) or 100 (candidate) requests, and what was otherwise. */
const stats = (requests: number, change: Partial<WindowStats> = {}): WindowStats => ({
  ...emptyWindow(),
  requests,
  rows: requests,
  latency: { [latencyBucket(2)]: requests },
  answers: { p1: requests * 0.7, p8: requests * 0.3 },
  ...change,
});

const aStep = (change: Partial<StepEvidence> & { candidateStats?: WindowStats } = {}): StepEvidence => ({
  settings: { ...DEFAULT_SETTINGS, onTooFew: 'hold' },
  elapsed: 300,
  weight: 10,
  live: { functionVersion: '1', stats: stats(900) },
  candidate: { functionVersion: '2', stats: change.candidateStats ?? stats(100) },
  ...change,
});

describe('judging a step', () => {
  test('forgives a few slow requests, by as many as there were to judge by', () => {
    const settings = { ...DEFAULT_SETTINGS, onTooFew: 'hold' as const, minRequests: 20 };
    const slow = (requests: number, late: number) =>
      stats(requests, { latency: { [latencyBucket(2)]: requests - late, [latencyBucket(500)]: late } });
    expect(judge(aStep({ settings, candidateStats: slow(20, 3) })).decision).toBe('proceed');
    expect(judge(aStep({ settings, candidateStats: slow(20, 10) })).decision).toBe('roll-back');
    expect(judge(aStep({ settings, candidateStats: slow(1000, 5) })).decision).toBe('proceed');
    expect(judge(aStep({ settings, candidateStats: slow(1000, 30) })).decision).toBe('roll-back');
  });

  test.each(['hold', 'proceed', 'replayGolden'] as const)(
    'takes a candidate back that answered nothing of its share, whatever %s would do with too few',
    (onTooFew) => {
      const step = aStep({
        candidateStats: stats(0),
        settings: { ...DEFAULT_SETTINGS, onTooFew },
        replay: { passed: true },
      });
      expect(judge(step)).toMatchObject({
        decision: 'roll-back',
        reason: expect.stringContaining('about 100 requests'),
      });
      expect(judge({ ...step, elapsed: 10 }).decision).toBe('hold');
      const calm = { functionVersion: '1', stats: stats(80) };
      expect(judge({ ...step, live: calm }).decision).not.toBe('roll-back');
    },
  );

  test('goes on when the candidate does as the live version does', () => {
    expect(judge(aStep())).toMatchObject({
      decision: 'proceed',
      live: { functionVersion: '1', requests: 900 },
      candidate: { functionVersion: '2', requests: 100, errorRate: 0, latencyP99: expect.closeTo(2, 0) },
    });
  });

  test('watches the step to its end', () => {
    expect(judge(aStep({ elapsed: 299 }))).toMatchObject({
      decision: 'hold',
      reason: expect.stringMatching(/watched/),
    });
  });

  test.each([
    ['two of a hundred requests failed', { errors5xx: 2 }, 'roll-back'],
    ['one request failed', { errors5xx: 1 }, 'proceed'],
    ['clients were refused', { errors4xx: 60 }, 'proceed'],
    ['two of a hundred rows had no answer', { nan: 2 }, 'roll-back'],
    ['no row had an answer', { nan: 100, rows: 0 }, 'roll-back'],
    ['p99 is 60 ms', { latency: { [latencyBucket(60)]: 100 } }, 'roll-back'],
    ['p99 is ten times as long, but 20 ms', { latency: { [latencyBucket(20)]: 100 } }, 'proceed'],
    ['the shares of answers are swapped', { answers: { p1: 30, p8: 70 } }, 'roll-back'],
  ])('when %s: %s', (_, change, decision) => {
    expect(judge(aStep({ candidateStats: stats(100, change) })).decision).toBe(decision);
  });

  test('takes a failing candidate back at once, however young the step and however few its requests', () => {
    const candidateStats = stats(3, { errors5xx: 2 });
    expect(judge(aStep({ elapsed: 1, candidateStats })).decision).toBe('roll-back');
  });

  test.each([
    ['hold', 'hold', /waits for requests \(9 requests of 100\)/],
    ['proceed', 'proceed', /which the spec accepts/],
  ] as const)('with too few requests and %s: %s', (onTooFew, decision, reason) => {
    const settings = { ...DEFAULT_SETTINGS, onTooFew };
    expect(judge(aStep({ settings, candidateStats: stats(9) }))).toMatchObject({
      decision,
      reason: expect.stringMatching(reason),
    });
  });

  test('with too few requests the golden set decides where the spec says so', () => {
    const step = aStep({ settings: { ...DEFAULT_SETTINGS, onTooFew: 'replayGolden' }, candidateStats: stats(9) });
    expect(judge({ ...step, replay: { passed: true } }).decision).toBe('proceed');
    expect(judge({ ...step, replay: { passed: false, reason: 'row 3' } })).toMatchObject({
      decision: 'roll-back',
      reason: expect.stringMatching(/row 3/),
    });
  });

  test('does not wait for ever', () => {
    expect(judge(aStep({ elapsed: 86_400, candidateStats: stats(9) })).decision).toBe('roll-back');
  });
});

describe('the next look at a step', () => {
  test.each([
    [300, 0, 60],
    [300, 250, 50],
    [6, 0, 6],
    [30, 0, 10],
    [6, 6, 5],
    [300, 3000, 300],
  ])('with %p s to bake, after %p s: in %p s', (bakeSeconds, elapsed, seconds) => {
    expect(nextLookSeconds({ ...DEFAULT_SETTINGS, bakeSeconds }, elapsed)).toBe(seconds);
  });

  test('comes so rarely that a day of waiting is less than 150 of them', () => {
    for (const bakeSeconds of [1, 6, 300]) {
      const settings = { ...DEFAULT_SETTINGS, bakeSeconds };
      let looks = 0;
      for (let elapsed = firstLookSeconds(settings); elapsed < 86_400; elapsed += nextLookSeconds(settings, elapsed))
        looks++;
      expect(looks).toBeLessThan(150);
    }
  });
});

describe('output shift', () => {
  const answers = (values: number[]) => {
    const counts: Record<string, number> = {};
    for (const value of values) counts[answerBin(value)] = (counts[answerBin(value)] ?? 0) + 1;
    return { answers: counts };
  };

  test('of the same answers is nothing, however few they are', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(share, { minLength: 20, maxLength: 60 }), (values) => {
        expect(outputShift(answers(values), answers(values))).toBe(0);
      }),
    );
  });

  test('stays below the default limit for two draws of one distribution', () => {
    const draw = (n: number, seed: number) =>
      Array.from({ length: n }, (_, i) => ((i * 7919 + seed * 104_729) % 1000) / 1000);
    for (let seed = 0; seed < 50; seed++) {
      expect(outputShift(answers(draw(400, seed)), answers(draw(40, seed + 50)))).toBeLessThan(0.5);
    }
  });

  test.each([
    [0, 'p0'],
    [0.0999, 'p0'],
    [1, 'p9'],
    [1.5, '+0'],
    [-3, '-1'],
    [1e30, '+99'],
    [Number.NaN, 'none'],
  ])('%p lies in bin %s', (value, bin) => {
    expect(answerBin(value)).toBe(bin);
  });
});
