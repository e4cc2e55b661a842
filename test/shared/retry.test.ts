import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { retrying } from '../../lambdas/shared/retry.ts';

const failing = (times: number, answer = 'done') => {
  let calls = 0;
  return {
    work: async () => {
      if (++calls <= times) throw new Error(`failure ${calls}`);
      return answer;
    },
    calls: () => calls,
  };
};

describe('retrying', () => {
  test('answers with the first success and waits between the attempts only', async () => {
    const { work, calls } = failing(2);
    const waits: number[] = [];
    await expect(
      retrying(work, () => true, { baseMs: 10, random: () => 1, sleep: async (ms) => waits.push(ms) }),
    ).resolves.toBe('done');
    expect(calls()).toBe(3);
    expect(waits).toEqual([10, 20]);
  });

  test('throws what came last when the attempts are used up', async () => {
    const { work, calls } = failing(9);
    await expect(retrying(work, () => true, { attempts: 3, sleep: async () => {} })).rejects.toThrow('failure 3');
    expect(calls()).toBe(3);
  });

  test('does not repeat what it was not told to repeat', async () => {
    const { work, calls } = failing(1);
    await expect(retrying(work, () => false, { sleep: async () => {} })).rejects.toThrow('failure 1');
    expect(calls()).toBe(1);
  });

  test('no wait is ever longer than the doubled base', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), async (drawn) => {
        const waits: number[] = [];
        const { work } = failing(5);
        await retrying(work, () => true, { baseMs: 20, random: () => drawn, sleep: async (ms) => waits.push(ms) });
        for (const [i, ms] of waits.entries()) expect(ms).toBeLessThanOrEqual(20 * 2 ** i);
      }),
      { numRuns: 30 },
    );
  });

  test('no wait is longer than the longest', async () => {
    const waits: number[] = [];
    const { work } = failing(7);
    await retrying(work, () => true, { maxMs: 50, random: () => 1, sleep: async (ms) => waits.push(ms) });
    expect(waits).toEqual([20, 40, 50, 50, 50, 50, 50]);
  });

  test('waits for real where no sleep is given', async () => {
    const { work } = failing(1);
    const began = performance.now();
    await retrying(work, () => true, { baseMs: 20, random: () => 1 });
    expect(performance.now() - began).toBeGreaterThan(15);
  });
});
